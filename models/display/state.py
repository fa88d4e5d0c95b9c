"""What the board knows, and what a message changes of it. Pure.

`tick` and `at` are seconds on the monotonic clock: how long ago something was heard must not depend
on the wall clock, which a time server may set while the board runs.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from models.messages import (
    Ask,
    Calls,
    Canary,
    Config,
    Manifest,
    Message,
    Presence,
    Row,
    Snapshot,
    topic_of,
)
from models.terms import PANELS, Role, Section

_NOT_SEEN = {"by", "at", "until"}
"""Fields of a row that its line does not show: a change of these alone is no news."""


@dataclass(frozen=True)
class Held:
    """A section as last accepted, and how it is to be paged.

    `fresh` are the ids of rows that this revision brought or changed. Paging began at `turned` with
    the page of row `anchor`, so that what was just published is what one sees.
    """

    snapshot: Snapshot[Any]
    at: float
    fresh: frozenset[int] = frozenset()
    anchor: int | None = None
    turned: float = 0.0

    @property
    def revision(self) -> tuple[int, int]:
        return self.snapshot.epoch, self.snapshot.rev


@dataclass(frozen=True)
class BoardState:
    """Everything the board knows.

    `sections` are what it shows, all of one epoch; those of a newer one are `coming` until all of
    them are there. `canary_at` says when the newest canary was heard, `proved_at` when the last one
    of the epoch that is shown was; both are None until there was one.
    """

    group: str
    sections: Mapping[Section, Held] = field(default_factory=dict)
    coming: Mapping[Section, Held] = field(default_factory=dict)
    manifest: Manifest | None = None
    canary: Canary | None = None
    canary_at: float | None = None
    proved_at: float | None = None
    calls: Calls | None = None


def subscriptions(site: str, group: str, board: str) -> list[str]:
    """The topics of a board. Sections are named one by one: not every broker serves retained
    messages to a wildcard."""
    return [
        topic_of(Manifest, site, group=group),
        topic_of(Calls, site, group=group),
        *(topic_of(Snapshot, site, group=group, section=section) for section in Section),
        topic_of(Canary, site),
        topic_of(Presence, site, role=Role.CONTROLLER),
        topic_of(Config, site, board=board),
        topic_of(Ask, site, board=board),
    ]


def restored(group: str, snapshots: Iterable[Snapshot[Any]], tick: float) -> BoardState:
    """The state after a start, from what was kept on disk."""
    held = {s.section: Held(s, at=tick, turned=tick) for s in snapshots if s.group == group}
    return BoardState(group, held)


def receive(state: BoardState, message: Message, at: float) -> BoardState:
    """The state after `message` arrived. The very same state means that it had no effect: it was
    for another group, no newer than what is known, or nothing that concerns a board."""
    if isinstance(message, Snapshot) and message.group == state.group:
        return _settled(_with_snapshot(state, message, at))
    if isinstance(message, Manifest) and message.group == state.group:
        return _settled(_with_manifest(state, message))
    if isinstance(message, Calls) and message.group == state.group:
        old = state.calls
        is_newer = old is None or (message.epoch, message.rev) > (old.epoch, old.rev)
        return replace(state, calls=message) if is_newer else state
    if isinstance(message, Canary) and message.epoch >= _epoch(state):
        # What is shown of an older database is not proved by a newer one's canary.
        proves = message.epoch == (_shown_epoch(state) or message.epoch)
        return replace(
            state,
            canary=message,
            canary_at=at,
            proved_at=at if proves else state.proved_at,
        )
    return state


def is_live(state: BoardState, tick: float, stale_seconds: float) -> bool:
    """Has the data path proved itself lately?"""
    return state.proved_at is not None and tick - state.proved_at < stale_seconds


def is_behind(state: BoardState) -> bool:
    """Is something published that this board does not hold, although the controller is alive?"""
    if state.manifest is None or state.manifest.epoch < _epoch(state):
        return state.canary is not None
    expected = state.manifest
    return any(
        section not in state.sections
        or state.sections[section].revision < (expected.epoch, revision)
        for section, revision in expected.sections.items()
    )


def is_whole(state: BoardState) -> bool:
    """Does this board hold all that the controller says is published?"""
    return state.manifest is not None and not is_behind(state)


def _epoch(state: BoardState) -> int:
    """The newest epoch heard of: a canary of an older one proves nothing about what we show."""
    known = [held.snapshot.epoch for held in (*state.sections.values(), *state.coming.values())]
    if state.manifest is not None:
        known.append(state.manifest.epoch)
    if state.canary is not None:
        known.append(state.canary.epoch)
    return max(known, default=0)


def _shown_epoch(state: BoardState) -> int | None:
    """The epoch of what the panels show. An emergency covers them all, so it mixes with nothing."""
    shown = [held.snapshot.epoch for name, held in state.sections.items() if name in PANELS]
    return max(shown, default=None)


def _with_snapshot(state: BoardState, new: Snapshot[Any], at: float) -> BoardState:
    shown = (_shown_epoch(state) if new.section in PANELS else None) or new.epoch
    if new.epoch < shown:
        return state
    comes = new.epoch > shown
    place = state.coming if comes else state.sections
    old = place.get(new.section)
    if old is not None and (new.epoch, new.rev) <= old.revision:
        return state
    held = _held(new, state.sections.get(new.section), at)
    sections = {**place, new.section: held}
    return replace(state, coming=sections) if comes else replace(state, sections=sections)


def _held(new: Snapshot[Any], old: Held | None, at: float) -> Held:
    news = _news(old.snapshot, new) if old is not None else []
    held = Held(new, at, frozenset(news), news[0] if news else None, turned=at)
    if old is not None and not news:
        held = replace(held, anchor=old.anchor, turned=old.turned)
    return held


def _news(old: Snapshot[Any], new: Snapshot[Any]) -> list[int]:
    """Ids of the rows that read differently now, in order. A new day is news as a whole, so no
    single row of it is."""
    if new.deleted or old.day != new.day:
        return []
    before = {row.id: _seen(row) for row in old.items}
    return [row.id for row in new.items if before.get(row.id) != _seen(row)]


def _seen(row: Row) -> dict[str, Any]:
    return row.model_dump(exclude=_NOT_SEEN)


def _with_manifest(state: BoardState, new: Manifest) -> BoardState:
    old = state.manifest
    if old is not None and (new.epoch < old.epoch or new == old):
        return state
    return replace(state, manifest=new)


def _settled(state: BoardState) -> BoardState:
    """A newer epoch is shown once all is there that its manifest lists, in place of everything
    older: a new database, of which half a day would be no day at all."""
    told, shown = state.manifest, _shown_epoch(state)
    if told is None or shown is None or told.epoch <= shown:
        return state
    alarm = state.sections.get(Section.EMERGENCY)
    there = {**state.coming, **({Section.EMERGENCY: alarm} if alarm else {})}
    whole = {name: held for name, held in there.items() if held.snapshot.epoch == told.epoch}
    if any(
        name not in whole or whole[name].snapshot.rev < rev for name, rev in told.sections.items()
    ):
        return state
    canary = state.canary
    proved = state.canary_at if canary and canary.epoch == told.epoch else state.proved_at
    return replace(state, sections=whole, coming={}, proved_at=proved)
