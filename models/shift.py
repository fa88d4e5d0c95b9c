"""Who is at the desk, which is never to be empty (接待台內嚴禁空崗, the seed's III.3). Pure.

It follows from the entries that the shift has made in the duty log.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from models.duty import Entry
from models.terms import Act

GRACE = timedelta(minutes=5)
"""An empty desk is nobody's fault for so long."""
_EARLY = timedelta(hours=4)
"""Nobody signs on for a day sooner before its opening; whoever was on before that went home."""


@dataclass(frozen=True)
class Hours:
    """When the desk is never to be empty, on its `weekdays` (digits, 0 is Monday)."""

    opens: time
    closes: time
    weekdays: str

    def begins(self, now: datetime, zone: ZoneInfo) -> datetime:
        """From when on entries say who is there now: some hours before the last opening."""
        local = now.astimezone(zone)
        start = datetime.combine(local.date(), self.opens, zone) - _EARLY
        return start if start <= now else start - timedelta(days=1)

    def opened(self, now: datetime, zone: ZoneInfo) -> datetime | None:
        """When the desk opened, if it is open."""
        today = now.astimezone(zone).date()
        opens = datetime.combine(today, self.opens, zone)
        closes = datetime.combine(today, self.closes, zone)
        is_open = str(today.weekday()) in self.weekdays and opens <= now < closes
        return opens if is_open else None


@dataclass(frozen=True)
class Post:
    """Somebody who is on. While they are `away`, the stand-in whom that entry names holds the post,
    until the moment it gives."""

    name: str
    since: datetime
    away: Entry | None = None


@dataclass(frozen=True)
class Shift:
    """Who is on by name, which handovers wait to be accepted by who made them, and since when it
    has been so."""

    posts: dict[str, Post] = field(default_factory=dict)
    offers: dict[str, Entry] = field(default_factory=dict)
    since: datetime | None = None

    def offered(self, name: str) -> Entry | None:
        """The handover that somebody is asked to accept."""
        mine = [offer for offer in self.offers.values() if offer.facts["successor"] == name]
        return mine[-1] if mine else None


@dataclass(frozen=True)
class Stint:
    """Somebody was on from `since` until the entry that `ended` it, if it has ended."""

    name: str
    since: datetime
    ended: Entry | None = None


def stints(entries: Iterable[Entry]) -> list[Stint]:
    """Who was on, in the order in which they began, as far as these entries of a shift tell."""
    shift, found = Shift(), []
    for entry in entries:
        after = _after(shift, entry)
        gone = shift.posts.keys() - after.posts.keys()
        found += [Stint(name, shift.posts[name].since, entry) for name in gone]
        shift = after
    found += [Stint(post.name, post.since) for post in shift.posts.values()]
    return sorted(found, key=lambda one: (one.since, one.name))


def standing(entries: Iterable[Entry]) -> Shift:
    """Where the entries of a shift lead, in their order."""
    shift = Shift()
    for entry in entries:
        shift = _after(shift, entry)
    return shift


def gap(shift: Shift, hours: Hours, now: datetime, zone: ZoneInfo) -> datetime | None:
    """Since when nobody has been there although the desk is open; None before it is a gap."""
    opened = hours.opened(now, zone)
    if opened is None or shift.posts:
        return None
    since = max(opened, shift.since) if shift.since else opened
    return since if now - since >= GRACE else None


def _after(shift: Shift, entry: Entry) -> Shift:
    posts, offers, by = dict(shift.posts), dict(shift.offers), entry.by
    match entry.act:
        case Act.SIGNED_ON:
            posts[by] = Post(by, entry.at)
        case Act.STOOD_IN if by in posts:
            posts[by] = replace(posts[by], away=entry)
        case Act.BACK if by in posts:
            posts[by] = replace(posts[by], away=None)
        case Act.HANDED_OVER:
            offers[by] = entry
        case Act.TAKEN_OVER:
            posts.pop(entry.facts["predecessor"], None)
            offers.pop(entry.facts["predecessor"], None)
            posts.setdefault(by, Post(by, entry.at))
        case Act.SIGNED_OFF:
            posts.pop(by, None)
            offers.pop(by, None)
        case _:
            return shift
    return Shift(posts, offers, entry.at)
