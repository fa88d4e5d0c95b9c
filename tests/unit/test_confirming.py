"""Who is asked to confirm, and when the next one is: every case as a line."""

from datetime import UTC, datetime, timedelta

import pytest

from models import confirming
from models.confirming import SENDING, Asked, Candidate, next_step, take
from models.rules import Confirm, PolicyError, read_policy
from models.terms import Channel, ConfirmStep
from tests.parts import ROOT

NOW = datetime(2026, 11, 23, 9, 40, tzinfo=UTC)
HOST = Candidate(ConfirmStep.HOST, 3, reachable=True)
DEPUTY = Candidate(ConfirmStep.DEPUTY, 4, reachable=True)
DESK = Candidate(ConfirmStep.DESK)
CHAIN = (HOST, DEPUTY, DESK)
POLICY = Confirm(host_seconds=60, deputy_seconds=30)


def asked(step: ConfirmStep, channel: Channel, seconds_left: float | None) -> Asked:
    deadline = None if seconds_left is None else NOW + timedelta(seconds=seconds_left)
    return Asked(step, NOW, deadline, channel)


H, D = ConfirmStep.HOST, ConfirmStep.DEPUTY
PENDING, SENT, FAILED, NONE = Channel.PENDING, Channel.SENT, Channel.FAILED, Channel.NONE


@pytest.mark.parametrize(
    ("steps", "chain", "following"),
    [
        ([], CHAIN, HOST),
        ([], (DESK,), DESK),
        ([asked(H, PENDING, 60)], CHAIN, None),
        ([asked(H, SENT, 1)], CHAIN, None),
        ([asked(H, SENT, 0)], CHAIN, DEPUTY),
        ([asked(H, FAILED, 60)], CHAIN, DEPUTY),
        ([asked(H, NONE, 60)], CHAIN, DEPUTY),
        ([asked(H, FAILED, 60)], (HOST, DESK), DESK),
        ([asked(H, Channel.AWAY, 60)], CHAIN, DEPUTY),
        ([asked(H, SENT, 0), asked(D, SENT, 30)], CHAIN, None),
        ([asked(H, SENT, 0), asked(D, SENT, 0)], CHAIN, DESK),
        ([asked(H, SENT, 0), asked(ConfirmStep.DESK, NONE, None)], CHAIN, None),
    ],
)
def test_the_next_one_is_asked_when_the_last_one_cannot_or_did_not_answer(steps, chain, following):
    assert next_step(steps, chain, NOW) == following


@pytest.mark.parametrize(
    ("candidate", "seconds", "channel"),
    [
        (HOST, 60, PENDING),
        (DEPUTY, 30, PENDING),
        (Candidate(H, 3), 60, NONE),
        (Candidate(H, 3, reachable=True, away=True), 60, Channel.AWAY),
        (DESK, None, NONE),
    ],
)
def test_a_step_has_the_policys_deadline_and_the_desk_has_none(candidate, seconds, channel):
    step = take(candidate, POLICY, NOW)
    left = None if step.deadline is None else (step.deadline - NOW).total_seconds()
    assert (left, step.channel) == (seconds, channel)


@pytest.mark.parametrize(
    ("steps", "states"),
    [
        ([], ()),
        ([asked(H, PENDING, 60)], ("asking",)),
        ([asked(H, SENT, 60)], ("asked",)),
        ([asked(H, FAILED, 60), asked(D, PENDING, 30)], ("failed", "asking")),
        ([asked(H, SENT, 0), asked(D, NONE, 30)], ("passed", "failed")),
        ([asked(H, NONE, 0), asked(ConfirmStep.DESK, NONE, None)], ("failed", "asked")),
    ],
)
def test_only_the_last_step_is_still_waited_for(steps, states):
    assert confirming.states(steps) == states


def test_a_message_that_does_not_leave_is_given_up():
    step = take(HOST, POLICY, NOW)
    assert not step.is_stuck(NOW)
    assert step.is_stuck(NOW + SENDING)


@pytest.mark.parametrize("line", ["host_seconds = 1", 'deputy_seconds = "soon"', "hosts = 3"])
def test_a_deadline_that_nobody_could_keep_is_refused_at_the_start(line):
    text = (ROOT / "assets" / "policy.toml").read_text("utf-8")
    name = line.split(" ")[0]
    lines = [one for one in text.splitlines() if not one.startswith(f"{name} =")]
    lines.insert(lines.index(next(one for one in lines if one.startswith("[confirm]"))) + 1, line)
    with pytest.raises(PolicyError, match=name):
        read_policy("\n".join(lines))
