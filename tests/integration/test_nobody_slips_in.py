"""Whatever happens at the kiosk, at the desk and by a host's link, in any order: the lobby keeps
out whom the rules keep out (4.4, 4.7), and nobody serves or works here unconfirmed."""

import random
import secrets
from contextlib import suppress
from datetime import timedelta

import pytest

from controller import appointments, bearer, confirmation, deciding, permits
from controller.core import Refusal
from models import store, tables
from models.messages import Register, Withdraw
from models.permits import Days
from models.terms import Category, DeskDecision, PermitState, Purpose
from tests.integration.conftest import NOW

EVENTS = 120
UNCONFIRMED = {Category.SERVICE, Category.CONTRACTOR, Category.APPLICANT}
"""Nobody of these comes in by the rules alone."""


class Morning:
    """A lobby to which something happens, by the dice."""

    def __init__(self, core, ask, seed):
        self.core, self.ask, self.dice = core, ask, random.Random(seed)
        self.let_in = set()  # visits of which a person has said yes
        day = core.local(NOW).date()
        days, workers = Days(PermitState.ACTIVE, day, day), [("陳大文", "1234"), ("李小明", "567X")]
        self.permit = permits.file(core, "恒信裝修", "3 座 12A", days, workers, "王美玲", NOW).code

    def something_happens(self):
        happens = self.dice.choice(
            [
                self.somebody_walks_in,
                self.a_guest_comes,
                self.a_worker_comes,
                self.the_desk_decides,
                self.the_desk_joins,
                self.the_host_answers,
                self.the_visitor_gives_up,
            ]
        )
        happens()

    def guest(self):
        return appointments.make(
            self.core,
            name=f"客{secrets.token_hex(3)}",
            organisation="",
            category=self.dice.choice(list(Category)),
            party=self.dice.randint(1, 3),
            host_id=3,
            room_id=None,
            starts=NOW,
            ends=NOW + timedelta(hours=1),
            phone_last4="",
            by="desk",
            now=NOW,
        )

    def somebody_waiting(self):
        """One who waits."""
        visits = [visit.id for visit in store.waiting_visits()]
        return self.dice.choice(visits) if visits else None

    def somebody_walks_in(self):
        purpose, party = self.dice.choice(list(Purpose)), self.dice.randint(1, 3)
        self.ask(Register(purpose=purpose, name="某某", host=3, party=party))

    def a_guest_comes(self):
        self.ask(Register(code=self.guest().code))

    def a_worker_comes(self):
        last4 = self.dice.choice(["1234", "567X"])
        self.ask(Register(purpose=Purpose.WORKS, permit=self.permit, id_last4=last4))

    def the_desk_decides(self):
        if visit := self.somebody_waiting():
            decision = self.dice.choice(list(DeskDecision))
            category = self.dice.choice([None, *Category])
            with suppress(Refusal):
                deciding.decide(self.core, visit, decision, "王美玲", NOW, category)
                if decision is DeskDecision.ADMIT:
                    self.let_in.add(visit)

    def the_desk_joins(self):
        if visit := self.somebody_waiting():
            with suppress(Refusal):
                deciding.join(self.core, visit, self.guest().id, "王美玲", NOW)

    def the_host_answers(self):
        if visit := self.somebody_waiting():
            token, confirm = secrets.token_urlsafe(), self.dice.random() < 0.5
            step = tables.Confirmation.get_or_none(visit=visit) or tables.Confirmation.create(
                visit=visit, step="host", person=3, asked_at=NOW, channel="sent"
            )
            with store.transaction():
                store.add_link(bearer.hash_of(token), step.id, NOW + timedelta(hours=1))
            confirmation.respond(self.core, token, NOW, confirm=confirm)
            if confirm:
                self.let_in.add(visit)

    def the_visitor_gives_up(self):
        if visit := self.somebody_waiting():
            self.ask(Withdraw(visit=store.visit(visit).key))


@pytest.mark.parametrize("seed", range(3))
def test_in_any_order_of_events_the_lobby_keeps_out_whom_the_rules_keep_out(core, ask, seed):
    morning = Morning(core, ask, seed)
    for _ in range(EVENTS):
        morning.something_happens()
    held = tables.Pass.select(tables.Pass.visit).distinct()
    holders = [store.visit(row.visit_id) for row in held]
    assert len({visit.category for visit in holders}) > 4, "the dice let too few in to tell"
    for visit in holders:
        invited = visit.appointment_id is not None
        assert visit.category is not Category.TURNED_AWAY
        assert invited or visit.category is not Category.APPLICANT
        identified = visit.worker_id and store.worker(visit.worker_id).checked_at
        unconfirmed = visit.category in UNCONFIRMED and not identified
        assert visit.id in morning.let_in or not unconfirmed
