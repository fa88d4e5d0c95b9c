"""The part of the JSON API that looks ahead: what the rules would say."""

from fastapi import APIRouter, Depends, Request

from controller import simulating
from controller.web import answers, auth
from controller.web.api import Desk
from controller.web.bodies import Simulation
from controller.web.language import language_of
from controller.web.problems import RESPONSES, WRITES
from controller.web.times import at, now
from models.rules import Decision
from models.terms import Language
from models.words import catalogue, say

router = APIRouter(prefix="/api", responses=RESPONSES, dependencies=[Depends(auth.signed_in)])


@router.post(
    "/simulate",
    summary="What the rules would say of a visitor; nothing is kept",
    tags=["visits"],
    responses=WRITES,
)
def simulate(core: Desk, body: Simulation, request: Request) -> answers.Simulated:
    moment = now()
    decision = simulating.simulate(
        core,
        body.category,
        expected=body.expected,
        party=body.party,
        department=body.department,
        at=at(core, "at", body.at, moment) if body.at else moment,
        now=moment,
    )
    return _simulated(decision, language_of(request, core.settings))


def _simulated(decision: Decision, language: Language) -> answers.Simulated:
    def t(name: str, **places: object) -> str:
        return say(language, f"desk.{name}", **places)

    # The policy may tell somebody whom only this office has.
    told = [catalogue(language).get(f"desk.told_{who}", who) for who in decision.told]
    words = {
        "simulated_admission": t(f"simulated_{decision.admission}"),
        "simulated_destination": decision.destination,
        "simulated_wait": decision.wait_at,
        "simulated_told": t("and").join(told),
        "simulated_tea": t("tea_for", count=decision.tea) if decision.tea else t("no_tea"),
        "simulated_escort": t("escorted") if decision.escort else t("not_escorted"),
        "simulated_reasons": t("then").join(
            say(language, f"rules.reason_{reason}") for reason in decision.reasons
        ),
    }
    lines = [answers.Line(label=t(name), text=text or t("none")) for name, text in words.items()]
    return answers.Simulated.model_validate(vars(decision) | {"lines": lines})
