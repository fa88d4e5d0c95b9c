"""The waiting screen's list: what has happened is ticked, and nothing else."""

from datetime import UTC, datetime

import pytest

from kiosk.stages import stages, with_desk
from models.messages import VisitStep, VisitView
from models.terms import ConfirmStep, Language, StepState, VisitState
from models.words import say

NOW = datetime(2026, 11, 23, 9, 40, tzinfo=UTC)


def view(*steps: tuple[ConfirmStep, StepState], **more: object) -> VisitView:
    fields = {"visit": "0" * 32, "seq": 1, "state": VisitState.WAITING, "name": "王小明"}
    who = {ConfirmStep.HOST: "李志強", ConfirmStep.DEPUTY: "何家榮", ConfirmStep.DESK: ""}
    told = tuple(VisitStep(step=step, who=who[step], state=state, at=NOW) for step, state in steps)
    return VisitView(**(fields | {"host": "李志強", "steps": told} | more))


HOST, DEPUTY, DESK = ConfirmStep.HOST, ConfirmStep.DEPUTY, ConfirmStep.DESK
ASKING, ASKED, PASSED, FAILED, AWAY = StepState


def words(shown: VisitView, *, to_desk: bool = False) -> list[tuple[bool, str]]:
    return [
        (done, say(Language.ZH_HANT, f"kiosk.{name}", **places))
        for done, name, places in stages(shown, to_desk=to_desk)
    ][1:-1]


@pytest.mark.parametrize(
    ("steps", "listed"),
    [
        ([], [(False, "等待部門確認")]),
        ([(HOST, ASKING)], [(False, "正在聯絡 李志強")]),
        ([(HOST, ASKED)], [(True, "已通知 李志強，等候回覆")]),
        (
            [(HOST, PASSED), (DEPUTY, ASKING)],
            [(True, "李志強 暫未回覆"), (False, "正在聯絡代理人 何家榮")],
        ),
        (
            [(HOST, AWAY), (DEPUTY, ASKED)],
            [(False, "李志強 外出"), (True, "已通知代理人 何家榮，等候回覆")],
        ),
        (
            [(HOST, FAILED), (DEPUTY, FAILED), (DESK, ASKED)],
            [
                (False, "未能聯絡 李志強"),
                (False, "未能聯絡代理人 何家榮"),
                (False, "前台正在處理"),
            ],
        ),
    ],
)
def test_each_step_is_listed_as_it_stands(steps, listed):
    assert words(view(*steps)) == listed


def test_a_visit_that_belongs_to_the_counter_lists_the_counter():
    assert words(view(), to_desk=True) == [(False, "到前台核對證件")]


@pytest.mark.parametrize("language", Language)
def test_every_step_has_words_in_every_language(language):
    for step in (HOST, DEPUTY):
        for state in StepState:
            for _, name, places in stages(view((step, state)), to_desk=False):
                assert say(language, f"kiosk.{name}", **places)


def test_what_has_come_to_the_desk_is_known():
    assert not with_desk(view((HOST, ASKED)))
    assert with_desk(view((HOST, FAILED), (DESK, ASKED)))
