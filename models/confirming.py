"""Who is asked to confirm a visit, and when the next one is. Pure.

A visit that needs a confirmation is put to its host, then to the host's deputy, then to the duty
desk, which answers last and without a deadline. A visit to a department at large is put to somebody
of it instead. Whoever was asked may still answer while the visit waits.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from models.rules import Confirm
from models.terms import Channel, ConfirmStep, StepState

SENDING = timedelta(seconds=10)
"""A message that has not left by then is not waited for any longer."""


@dataclass(frozen=True)
class Candidate:
    """Somebody who can be asked. The desk is nobody in particular, and reads its own page."""

    step: ConfirmStep
    person: int | None = None
    reachable: bool = False
    away: bool = False


@dataclass(frozen=True)
class Asked:
    """A step that was taken: until when it is waited for, and what became of its message."""

    step: ConfirmStep
    asked_at: datetime
    deadline: datetime | None
    channel: Channel

    def is_over(self, now: datetime) -> bool:
        """Is it the next one's turn? At once when no message can arrive."""
        if self.step is ConfirmStep.DESK:
            return False
        if self.channel in (Channel.FAILED, Channel.NONE, Channel.AWAY):
            return True
        return self.deadline is not None and self.deadline <= now

    def is_stuck(self, now: datetime) -> bool:
        """Has its message been on the way for too long?"""
        return self.channel is Channel.PENDING and self.asked_at + SENDING <= now


def next_step(
    asked: Sequence[Asked], chain: Sequence[Candidate], now: datetime
) -> Candidate | None:
    """Who is to be asked now; None while the last one asked may still answer."""
    if asked and not asked[-1].is_over(now):
        return None
    taken = {step.step for step in asked}
    return next((one for one in chain if one.step not in taken), None)


def take(candidate: Candidate, policy: Confirm, now: datetime) -> Asked:
    """The step that begins when `candidate` is asked."""
    seconds = {
        ConfirmStep.HOST: policy.host_seconds,
        ConfirmStep.DEPARTMENT: policy.host_seconds,
        ConfirmStep.DEPUTY: policy.deputy_seconds,
    }.get(candidate.step)
    channel = Channel.PENDING if candidate.reachable else Channel.NONE
    return Asked(
        step=candidate.step,
        asked_at=now,
        deadline=None if seconds is None else now + timedelta(seconds=seconds),
        channel=Channel.AWAY if candidate.away else channel,
    )


def states(asked: Sequence[Asked]) -> tuple[StepState, ...]:
    """Where each step stands, in words' terms: only the last one is still waited for."""
    return tuple(_state(step, last=step is asked[-1]) for step in asked)


def _state(step: Asked, *, last: bool) -> StepState:
    if step.step is ConfirmStep.DESK:
        return StepState.ASKED
    if step.channel is Channel.AWAY:
        return StepState.AWAY
    if step.channel in (Channel.FAILED, Channel.NONE):
        return StepState.FAILED
    if not last:
        return StepState.PASSED
    return StepState.ASKING if step.channel is Channel.PENDING else StepState.ASKED
