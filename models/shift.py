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
_LOOKED_THROUGH = timedelta(minutes=30)
"""In this time a handover is accepted, or whoever hands over says again that they are there."""
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
    """Somebody who is on, or while they are `away` the stand-in whom that entry names: as far as is
    known until the moment `until`, without one until they say otherwise."""

    name: str
    since: datetime
    away: Entry | None = None
    until: datetime | None = None

    def is_held(self, now: datetime) -> bool:
        return self.until is None or now - self.until < GRACE


@dataclass(frozen=True)
class Shift:
    """Who is on by name, which handovers wait to be accepted by who made them, and since when it
    has been so."""

    posts: dict[str, Post] = field(default_factory=dict)
    offers: dict[str, Entry] = field(default_factory=dict)
    since: datetime | None = None

    def is_held(self, now: datetime, besides: str = "") -> bool:
        """Is somebody there, besides the one of that name?"""
        return any(one.is_held(now) for one in self.posts.values() if one.name != besides)

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
    """Since when nobody has been there although the desk is open; None before it is a gap.

    A stand-in holds a post no longer than was said. An offer that nobody accepts lets its giver go
    after a time: who hands over means to leave, nobody says so who has left, and whoever is still
    there can say that they are back, or offer again.
    """
    opened = hours.opened(now, zone)
    if opened is None or shift.is_held(now):
        return None
    ended = [post.until for post in shift.posts.values() if post.until]
    since = max([opened, *ended, *([shift.since] if shift.since else [])])
    return since if now - since >= GRACE else None


def _after(shift: Shift, entry: Entry) -> Shift:
    posts, offers, by = dict(shift.posts), dict(shift.offers), entry.by
    match entry.act:
        case Act.SIGNED_ON:
            posts[by] = Post(by, entry.at)
        case Act.STOOD_IN if by in posts:
            posts[by] = replace(posts[by], away=entry, until=entry.due)
        case Act.BACK if by in posts:
            until = entry.at + _LOOKED_THROUGH if by in offers else None
            posts[by] = replace(posts[by], away=None, until=until)
        case Act.HANDED_OVER if by in posts:
            posts[by] = replace(posts[by], until=entry.at + _LOOKED_THROUGH)
            offers[by] = entry
        case Act.TAKEN_OVER:
            posts.pop(entry.facts["predecessor"], None)
            offers.pop(entry.facts["predecessor"], None)
            posts[by] = Post(by, posts[by].since if by in posts else entry.at)
        case Act.SIGNED_OFF:
            posts.pop(by, None)
            offers.pop(by, None)
        case _:
            return shift
    return Shift(posts, offers, entry.at)
