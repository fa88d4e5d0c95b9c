"""Who is told of what happens, and what they are still to be told."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from peewee import fn

from models.store.prepared import insert, prepared
from models.tables import Webhook, WebhookMessage
from models.terms import Happening


@dataclass(frozen=True)
class WebhookRow:
    """An address that is told of events; see the table."""

    id: int
    address: str
    events: frozenset[Happening]
    names: bool
    secret: str
    former: str
    former_until: datetime | None
    by: str
    at: datetime
    sent_at: datetime | None
    stopped: str


@dataclass(frozen=True)
class MessageRow:
    """What a webhook is still to be told."""

    id: int
    key: str
    webhook_id: int
    payload: bytes
    tries: int


@dataclass(frozen=True)
class Undelivered:
    """What one webhook was never told: how much, since when, and why one of it failed."""

    count: int
    since: datetime
    reason: str


def webhooks() -> list[WebhookRow]:
    return [_webhook(row) for row in _all()]


@prepared
def _all() -> Any:
    return Webhook.select().order_by(Webhook.id)


def webhook(webhook_id: int) -> WebhookRow | None:
    found = Webhook.get_or_none(Webhook.id == webhook_id)
    return _webhook(found) if found else None


def add_webhook(
    address: str, events: frozenset[Happening], secret: str, by: str, at: datetime, *, names: bool
) -> WebhookRow:
    fields = {"address": address, "secret": secret, "names": names, "by": by, "at": at}
    return _webhook(Webhook.create(events="\n".join(sorted(events)), **fields))


def change_webhook(webhook_id: int, **fields: Any) -> None:
    Webhook.update(**fields).where(Webhook.id == webhook_id).execute()


def remove_webhook(webhook_id: int) -> None:
    WebhookMessage.delete().where(WebhookMessage.webhook == webhook_id).execute()
    Webhook.delete().where(Webhook.id == webhook_id).execute()


def add_webhook_message(webhook_id: int, key: str, payload: bytes, at: datetime) -> None:
    insert(WebhookMessage, webhook=webhook_id, key=key, payload=payload, at=at, due=at)


def due_message(webhook_id: int, now: datetime) -> MessageRow | None:
    """The message of a webhook that has been due for longest."""
    return next(map(_message, _first_due(webhook_id, now)), None)


@prepared
def _first_due(webhook_id: int, now: datetime) -> Any:
    due = (WebhookMessage.webhook == webhook_id) & (WebhookMessage.due <= now)
    order = (WebhookMessage.due, WebhookMessage.id)
    return WebhookMessage.select().where(due).order_by(*order).limit(1)


def webhook_message(message_id: int) -> MessageRow | None:
    found = WebhookMessage.get_or_none(WebhookMessage.id == message_id)
    return _message(found) if found else None


def put_off(message_id: int, tries: int, due: datetime | None, reason: str) -> None:
    """A try failed: when the next one is due, or never."""
    fields = {"tries": tries, "due": due, "reason": reason}
    WebhookMessage.update(**fields).where(WebhookMessage.id == message_id).execute()


def drop_message(message_id: int) -> None:
    WebhookMessage.delete().where(WebhookMessage.id == message_id).execute()


def drop_messages(webhook_id: int, *, given_up: bool) -> None:
    """Forget what a webhook was to be told: all of it, or what was given up."""
    chosen = WebhookMessage.webhook == webhook_id
    if given_up:
        chosen &= WebhookMessage.due.is_null()
    WebhookMessage.delete().where(chosen).execute()


def send_again(webhook_id: int, now: datetime) -> None:
    """Try once more what was given up, from the beginning."""
    given_up = WebhookMessage.due.is_null() & (WebhookMessage.webhook == webhook_id)
    WebhookMessage.update(due=now, tries=0, reason="").where(given_up).execute()


def undelivered() -> dict[int, Undelivered]:
    """What was given up, by the webhook."""
    query = _counted(fn.MIN(WebhookMessage.at), fn.MAX(WebhookMessage.reason))
    given_up = query.where(WebhookMessage.due.is_null()).tuples()
    return {webhook_id: Undelivered(*facts) for webhook_id, *facts in given_up}


def waiting_messages() -> dict[int, int]:
    """How much each webhook is still to be told."""
    return dict(_counted().where(WebhookMessage.due.is_null(False)).tuples())


def _counted(*more: Any) -> Any:
    columns = (WebhookMessage.webhook, fn.COUNT(WebhookMessage.id), *more)
    return WebhookMessage.select(*columns).group_by(WebhookMessage.webhook)


def _webhook(row: Any) -> WebhookRow:
    return WebhookRow(
        id=row.id,
        address=row.address,
        events=frozenset(map(Happening, row.events.splitlines())),
        names=row.names,
        secret=row.secret,
        former=row.former,
        former_until=row.former_until,
        by=row.by,
        at=row.at,
        sent_at=row.sent_at,
        stopped=row.stopped,
    )


def _message(row: Any) -> MessageRow:
    return MessageRow(row.id, row.key, row.webhook_id, bytes(row.payload), row.tries)
