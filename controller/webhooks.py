"""Other programs are told of what happens here, each at an address that an administrator has set.

What they are told is committed with what happened; the worker hands it to the courier, again and
again for a day, and what nobody took by then is a line on the administrator's list.
"""

import logging
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from pydantic_core import to_json

from controller.core import Core, Refusal
from controller.courier import Courier, Parcel, Posted
from models import store
from models import webhooks as standard
from models.store import NoticeRow, WebhookRow
from models.terms import Happening

log = logging.getLogger(__name__)

MOST = 20
GONE = "gone"
"""The receiver's answer 410: it wants no more."""
_TEST = "webhook.test"

# --- what happened --------------------------------------------------------------------------------


def visit(what: Happening, visit_id: int, by: str, now: datetime) -> None:
    """Tell of a visit as it stands now; in the caller's transaction."""
    _tell(what, lambda names: _visit(visit_id, by, names=names), now)


def notice(what: Happening, line: NoticeRow, by: str, now: datetime) -> None:
    """Tell of a line of the board; in the caller's transaction."""
    _tell(what, lambda names: _notice(line, by, names=names), now)


def _tell(what: Happening, said: Callable[[bool], dict[str, Any]], now: datetime) -> None:
    for hook in store.webhooks():
        if what in hook.events and not hook.stopped:
            _queue(hook, what, said(hook.names), now)


def _queue(hook: WebhookRow, kind: str, data: dict[str, Any], now: datetime) -> None:
    payload = to_json({"type": kind, "timestamp": now, "data": data})
    store.add_webhook_message(hook.id, standard.new_key(), payload, now)


def _visit(visit_id: int, by: str, *, names: bool) -> dict[str, Any]:
    row = store.visit(visit_id)
    if row is None:
        return {}
    passes = store.passes_of_visit(visit_id)
    facts = {
        "visit": row.number,
        "state": row.state,
        "category": row.category,
        "purpose": row.purpose,
        "department": row.department,
        "party": row.party,
        "inside": sum(one.inside for one in passes),
        "registered_at": row.registered_at,
        "decided_at": row.decided_at,
    }
    # A destination may be somebody's office, and who decided is somebody.
    people = {
        "name": row.name,
        "organisation": row.organisation,
        "host": row.host,
        "destination": row.destination,
        "by": by,
    }
    return facts | (people if names else {})


def _notice(line: NoticeRow, by: str, *, names: bool) -> dict[str, Any]:
    facts = {
        "notice": line.id,
        "section": line.section,
        "groups": line.groups,
        "day": line.day,
        "until_day": line.until_day,
        "starts": line.starts,
        "ends": line.ends,
    }
    return facts | ({"content": line.content, "by": by} if names else {})


# --- sending --------------------------------------------------------------------------------------


def advance(courier: Courier, now: datetime) -> None:
    """Hand over what is due: of each webhook one message at a time. None while the disk is full,
    for what is not noted as sent would be sent every second."""
    if not store.has_room():
        return
    for hook in store.webhooks():
        if courier.has(hook.id) or (message := store.due_message(hook.id, now)) is None:
            continue
        rotating = hook.former_until is not None and now < hook.former_until
        keys = (hook.secret, hook.former) if rotating else (hook.secret,)
        courier.send(Parcel(message.id, hook.id, hook.address, message.key, keys, message.payload))


def told(core: Core, courier: Courier, posted: Posted, now: datetime) -> None:
    """What became of a message. What was not taken is tried again, and given up after a day."""
    try:
        with store.transaction():
            _follow(posted, now)
    finally:
        courier.free(posted.webhook)
    core.committed("integrations")


def _follow(posted: Posted, now: datetime) -> None:
    message = store.webhook_message(posted.message)
    if message is None:
        return  # removed while it was on its way
    if not posted.reason:
        store.drop_message(message.id)
        store.change_webhook(posted.webhook, sent_at=now)
    elif posted.reason == GONE:
        log.error("webhook %d wants no more messages", posted.webhook)
        store.change_webhook(posted.webhook, stopped=GONE)
        store.drop_messages(posted.webhook, given_up=False)
        store.record(now, "courier", "webhook_stopped", f"webhook-{posted.webhook}")
    else:
        tries = message.tries + 1
        pause = standard.pause(tries)
        store.put_off(message.id, tries, now + pause if pause else None, posted.reason)
        if pause is None:
            where = f"webhook-{posted.webhook}"
            log.error("%s never took %s: %s", where, message.key, posted.reason)
            store.record(now, "courier", "webhook_given_up", where, reason=posted.reason)


# --- at the desk ----------------------------------------------------------------------------------


def add(
    core: Core,
    address: str,
    events: Iterable[Happening],
    by: str,
    now: datetime,
    *,
    names: bool,
) -> tuple[WebhookRow, str]:
    """Tell an address from now on; its secret is never shown again. Raises Refusal: bad_address,
    address_open, address_inside, too_many_webhooks."""
    if why := standard.flaw(address, local=core.settings.webhooks.local):
        raise Refusal(why, "address")
    secret = standard.new_secret()
    with store.transaction():
        if len(store.webhooks()) >= MOST:
            raise Refusal("too_many_webhooks")
        made = store.add_webhook(address, frozenset(events), secret, by, now, names=names)
        facts = {"events": sorted(made.events), "names": names}
        store.record(now, by, "webhook_added", f"webhook-{made.id}", **facts)
    core.committed("integrations")
    return made, secret


def rotate(core: Core, webhook_id: int, by: str, now: datetime) -> tuple[WebhookRow, str]:
    """A new secret; the one before signs beside it for a day. Raises Refusal: not_found."""
    secret = standard.new_secret()
    with store.transaction():
        hook = _hook(webhook_id)
        until = now + standard.ROTATION
        store.change_webhook(hook.id, secret=secret, former=hook.secret, former_until=until)
        store.record(now, by, "webhook_rotated", f"webhook-{hook.id}")
    core.committed("integrations")
    return hook, secret


def try_out(core: Core, webhook_id: int, by: str, now: datetime) -> None:
    """Send a message that tells of nothing. Raises Refusal: not_found."""
    with store.transaction():
        hook = _hook(webhook_id)
        _queue(hook, _TEST, {}, now)
        store.record(now, by, "webhook_tried", f"webhook-{hook.id}")
    core.committed("integrations")


def send_again(core: Core, webhook_id: int, by: str, now: datetime) -> None:
    """Try again what was given up, and go on where it was stopped. Raises Refusal: not_found."""
    with store.transaction():
        hook = _hook(webhook_id)
        store.change_webhook(hook.id, stopped="")
        store.send_again(hook.id, now)
        store.record(now, by, "webhook_again", f"webhook-{hook.id}")
    core.committed("integrations")


def dismiss(core: Core, webhook_id: int, by: str, now: datetime) -> None:
    """What was given up is forgotten. Raises Refusal: not_found."""
    with store.transaction():
        hook = _hook(webhook_id)
        store.drop_messages(hook.id, given_up=True)
        store.record(now, by, "webhook_dismissed", f"webhook-{hook.id}")
    core.committed("integrations")


def remove(core: Core, webhook_id: int, by: str, now: datetime) -> None:
    """Tell it nothing more. Raises Refusal: not_found."""
    with store.transaction():
        hook = _hook(webhook_id)
        store.remove_webhook(hook.id)
        store.record(now, by, "webhook_removed", f"webhook-{hook.id}")
    core.committed("integrations")


def _hook(webhook_id: int) -> WebhookRow:
    if (hook := store.webhook(webhook_id)) is None:
        raise Refusal("not_found")
    return hook
