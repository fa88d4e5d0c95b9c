"""What the waiting screen lists: nothing is ticked before it has happened. Pure."""

from models.messages import VisitStep, VisitView
from models.terms import ConfirmStep, StepState

Stage = tuple[bool, str, dict[str, str]]
"""Is it done, the name of its words, and what fills their places."""

_DONE = {StepState.ASKED, StepState.PASSED}


def stages(view: VisitView, *, to_desk: bool) -> list[Stage]:
    """What has been done for a waiting visitor and what comes."""
    place = {"place": view.destination}
    last: Stage = (False, "stage_pass_to" if view.destination else "stage_pass", place)
    sent: Stage = (True, "stage_sent", {})
    if to_desk:
        return [sent, (False, "stage_at_desk", {}), last]
    if not view.steps:
        return [sent, (False, "stage_confirm" if view.host else "stage_desk", {}), last]
    return [sent, *(_stage(step) for step in view.steps), last]


def _stage(step: VisitStep) -> Stage:
    if step.step is ConfirmStep.DESK:
        return False, "stage_desk_now", {}
    of = "deputy" if step.step is ConfirmStep.DEPUTY else "host"
    return step.state in _DONE, f"stage_{of}_{step.state}", {"who": step.who}


def with_desk(view: VisitView) -> bool:
    """Has the visit come to the duty desk?"""
    return any(step.step is ConfirmStep.DESK for step in view.steps)
