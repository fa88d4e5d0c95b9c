"""Forgetting who came. Rows stay for the figures; what would name a person goes."""

import json
from datetime import datetime
from typing import Any

from peewee import fn

from models.store.ledger import is_inside
from models.store.search import wipe_search
from models.tables import (
    Appointment,
    Ban,
    Device,
    DevicePicture,
    DutyEntry,
    DutyOpen,
    GateConflict,
    GoodsSlip,
    HelpCall,
    IncidentRow,
    Material,
    Notice,
    NoticeVersion,
    Outbox,
    Pass,
    Permit,
    PermitWorker,
    Scan,
    Unaccounted,
    Visit,
    WebhookMessage,
    database,
)
from models.terms import Role, Section, VisitState

FORGOTTEN = "—"
"""Stands where a name stood."""


def forget(before: datetime) -> int:
    """Forget who came before a moment; returns how many visits were touched.

    Who still waits or is inside is left alone, and so is who has left material that nobody has
    handed on yet. A ban goes with its lifting, or when nobody has reviewed it for as long.
    """
    changes = _changes()
    keys = _visits(before)
    _updates_never_sent(keys)
    present = Visit.select(Visit.appointment).where(
        Visit.appointment.is_null(False), Visit.name != FORGOTTEN
    )
    about = ("organisation", "phone_last4", "names", "invitation", "cancel_reason")
    Appointment.update(name=FORGOTTEN, **dict.fromkeys(about, "")).where(
        Appointment.ends < before, Appointment.name != FORGOTTEN, Appointment.id.not_in(present)
    ).execute()
    IncidentRow.update(note="").where(IncidentRow.at < before, IncidentRow.note != "").execute()
    HelpCall.update(who="").where(HelpCall.at < before, HelpCall.who != "").execute()
    Scan.update(text="").where(Scan.at < before, Scan.text != "").execute()
    GateConflict.update(note="").where(
        GateConflict.resolved_at < before, GateConflict.note != ""
    ).execute()
    closed = Material.handed_at.is_null(False) | Material.absent_at.is_null(False)
    Material.update(what="").where(Material.at < before, Material.what != "", closed).execute()
    Pass.update(revoked_reason="").where(
        Pass.revoked_at < before, Pass.revoked_reason != ""
    ).execute()
    _goods(before)
    Unaccounted.update(note="").where(
        Unaccounted.said_at < before, Unaccounted.note != ""
    ).execute()
    _workers(before)
    _bans(before)
    _delegations(before)
    _log(before)
    WebhookMessage.delete().where(WebhookMessage.at < before).execute()
    _pictures(before)
    if _changes() != changes:
        wipe_search()
    return len(keys)


def _changes() -> int:
    """How many rows this connection has changed so far."""
    raw: Any = database
    count: int = raw.connection().total_changes
    return count


def _visits(before: datetime) -> list[str]:
    inside = Pass.select(Pass.visit).where(is_inside())
    kept = Material.select(Material.visit).where(
        Material.handed_at.is_null(), Material.absent_at.is_null()
    )
    query = Visit.select(Visit.id, Visit.key).where(
        Visit.registered_at < before,
        Visit.name != FORGOTTEN,
        Visit.state != VisitState.WAITING,
        Visit.id.not_in(inside),
        Visit.id.not_in(kept),
    )
    found = list(query)
    for visit in found:
        Visit.update(name=FORGOTTEN, organisation="", phone="", names="").where(
            Visit.id == visit.id
        ).execute()
        Pass.update(holder="").where(Pass.visit == visit.id, Pass.holder != "").execute()
    return [visit.key for visit in found]


def _updates_never_sent(keys: list[str]) -> None:
    """A kiosk that never came back may have left messages about these visits."""
    wanted = [key.encode() for key in keys]
    unsent = Outbox.select().where(Outbox.topic.contains("/visit/")) if keys else ()
    for row in unsent:
        if any(key in bytes(row.payload) for key in wanted):
            Outbox.delete().where(Outbox.id == row.id).execute()


def _goods(before: datetime) -> None:
    """What left stays known, who took it out does not."""
    about = ("unit", "phone_last4", "company", "plate", "revoked_reason")
    GoodsSlip.update(name=FORGOTTEN, **dict.fromkeys(about, "")).where(
        GoodsSlip.valid_until < before, GoodsSlip.name != FORGOTTEN
    ).execute()


def _workers(before: datetime) -> None:
    """Workers' names and digits go once their permit is over for as long."""
    over = Permit.select(Permit.id).where(Permit.ends < before.date())
    inside = Visit.select(Visit.worker).where(Visit.name != FORGOTTEN, Visit.worker.is_null(False))
    PermitWorker.update(name=FORGOTTEN, id_last4="").where(
        PermitWorker.permit.in_(over),
        PermitWorker.name != FORGOTTEN,
        PermitWorker.id.not_in(inside),
    ).execute()


def _bans(before: datetime) -> None:
    blank: dict[str, Any] = {"name": FORGOTTEN, "organisation": "", "phone_last4": "", "reason": ""}
    unreviewed = Ban.lifted_at.is_null() & (Ban.review < before.date())
    Ban.update(lifted_at=before, lifted_by="privacy").where(unreviewed).execute()
    Ban.update(**blank).where(Ban.lifted_at <= before, Ban.name != FORGOTTEN).execute()


def _delegations(before: datetime) -> None:
    NoticeVersion.delete().where(NoticeVersion.at < before).execute()
    gone = (Notice.day < before.date()) & (
        Notice.until_day.is_null() | (Notice.until_day < before.date())
    )
    past = (Notice.section == Section.VISITS) & gone
    over = Notice.ends.is_null() | (Notice.ends < before)
    for notice in Notice.select().where(past, over):
        content = json.loads(notice.content)
        if content.get("delegation") != FORGOTTEN:
            text = json.dumps(content | {"delegation": FORGOTTEN}, ensure_ascii=False)
            Notice.update(content=text).where(Notice.id == notice.id).execute()


def _pictures(before: datetime) -> None:
    """What a board showed, names and all."""
    old = (Device.role == Role.BOARD) & (Device.picture_at < before)
    boards = Device.select(Device.device).where(old)
    DevicePicture.delete().where(DevicePicture.device.in_(boards)).execute()
    Device.update(picture_at=None).where(old).execute()


def _log(before: datetime) -> None:
    """What was done stays known, of whom does not. What is still open is left alone."""
    still = DutyOpen.select(DutyOpen.entry)
    began = fn.COALESCE(DutyEntry.root, DutyEntry.id)
    DutyEntry.update(personal=None, salt=None).where(
        DutyEntry.at < before, DutyEntry.personal.is_null(False), began.not_in(still)
    ).execute()
