"""One gate: what it knows, and the answer to each scan, written before it is given."""

import logging
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

from controller.gate import judging
from controller.gate.clock import Clock, Reading
from controller.gate.journal import Entry, Journal, NotKeptError
from controller.gate.trust import Trust
from models.terms import Direction, GoodsState, PassState

log = logging.getLogger(__name__)

_KEPT_TEXT = 200


@dataclass(frozen=True)
class Health:
    """What the guard should know of the gate itself."""

    list_age: float | None
    stale: bool
    refused: str
    keys: bool
    clock: Reading
    unmerged: int
    set_aside: int
    inside: int


class Gate:
    """Safe from any thread."""

    def __init__(self, name: str, site: str, journal: Journal, trust: Trust, clock: Clock) -> None:
        self.name, self._site = name, site
        self.journal, self.trust, self.clock = journal, trust, clock

    def scan(self, key: str, text: str, direction: Direction | None, by: str) -> Entry:
        """Judge a scanned text or a typed number; it is on the disk when this returns.

        `key` is the scan's own: a retry gets the first answer. Never raises for what was scanned.
        Where the disk refuses, the answer is `not_kept` and nobody is let in by it.
        """
        # The Enter that a scanner sends is no part of the code; a space may be.
        text = text.strip("\r\n\t")
        now = self.clock.read()
        judged = partial(self._judged, key, text, direction, by, now)
        try:
            return self.journal.scan(key, judged)
        except NotKeptError as problem:
            log.error("a scan was not kept: %s", problem)  # noqa: TRY400 - one line for the operator
            return Entry(
                key=key,
                text="",
                ok=False,
                code="not_kept",
                direction=direction,
                at=now.at,
                shown=now.shown,
                by=by,
            )

    def is_stale(self) -> bool:
        """Could passes have been revoked of which this gate has not heard?"""
        revoked = self.trust.revoked
        return revoked is None or revoked.stale(self.clock.read().at)

    def health(self) -> Health:
        now, revoked = self.clock.read(), self.trust.revoked
        return Health(
            list_age=revoked.age(now.at) if revoked else None,
            stale=self.is_stale(),
            refused=self.trust.refused,
            keys=bool(self.trust.keys.keys),
            clock=now,
            unmerged=self.journal.count_unmerged(),
            set_aside=self.journal.count_set_aside(),
            inside=self.journal.count_inside(),
        )

    def _judged(
        self, key: str, text: str, direction: Direction | None, by: str, now: Reading
    ) -> tuple[Entry, PassState | GoodsState | None]:
        keys, at = self.trust.keys, datetime.fromtimestamp(now.at, UTC)
        reading = judging.read(text, keys, self._site)
        if reading.slip or judging.is_goods_number(reading.number):
            return self._judged_goods(key, text, reading, by, now)
        claims, pass_id, known = reading.claims, None, None
        if claims:
            pass_id, known = claims.id, self.journal.known(claims.id)
        elif found := self.journal.known_number(reading.number):
            pass_id, known = found
        revoked = pass_id is not None and self.trust.is_revoked(pass_id)
        verdict = judging.judge(reading, known, direction, keys, at, revoked=revoked)
        entry = Entry(
            key=key,
            text=_kept(text),
            ok=verdict.ok,
            code=verdict.code,
            direction=verdict.direction,
            at=now.at,
            shown=now.shown,
            by=by,
            pass_id=pass_id,
            number=reading.number or (known.number if known else ""),
            half=claims.half if claims else None,
            until=claims.expires if claims else None,
        )
        return entry, verdict.state

    def _judged_goods(
        self, key: str, text: str, reading: judging.Reading, by: str, now: Reading
    ) -> tuple[Entry, PassState | GoodsState | None]:
        at, slip = datetime.fromtimestamp(now.at, UTC), reading.slip
        known = self.journal.slip(slip.id) if slip else self.journal.slip_number(reading.number)
        slip_id = slip.id if slip else known.slip_id if known else None
        revoked = slip_id is not None and self.trust.is_revoked(slip_id)
        state = known.state if known else None
        verdict = judging.judge_goods(reading, state, self.trust.keys, at, revoked=revoked)
        entry = Entry(
            key=key,
            text=_kept(text),
            ok=verdict.ok,
            code=verdict.code,
            direction=verdict.direction,
            at=now.at,
            shown=now.shown,
            by=by,
            pass_id=slip_id,
            number=reading.number or (known.number if known else ""),
            until=slip.expires if slip else None,
            goods=True,
        )
        return entry, verdict.state


def _kept(text: str) -> str:
    """So much of a scanned text as is kept: printable, and not more than a log can bear."""
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text[:_KEPT_TEXT])
