"""The part of the JSON API that looks after other programs: who may call, and who is told."""

from fastapi import APIRouter, Depends

from controller import clients, webhooks
from controller.web import answers, auth
from controller.web.api import Desk, User
from controller.web.bodies import ClientIn, RowId, WebhookIn
from controller.web.problems import CONFLICT, RESPONSES, WRITES
from controller.web.times import now
from models import store
from models.store import WebhookRow
from models.webhooks import shown

router = APIRouter(
    prefix="/api",
    tags=["integrations"],
    responses=RESPONSES,
    dependencies=[Depends(auth.signed_in)],
)


@router.get("/clients", summary="Programs with a token of their own")
def known_clients() -> list[answers.Client]:
    return [answers.Client.model_validate(row) for row in store.clients()]


@router.post(
    "/clients",
    summary="Let a program in; its token is told once",
    status_code=201,
    responses=WRITES | CONFLICT,
)
def add_client(core: Desk, user: User, body: ClientIn) -> answers.ClientMade:
    made, token = clients.add(core, body.client, body.scopes, body.ends_on, user.display, now())
    return answers.ClientMade(client=answers.Client.model_validate(made), token=token)


@router.delete(
    "/clients/{client_id}",
    summary="A program's token opens nothing any more",
    status_code=204,
    responses=WRITES | CONFLICT,
)
def revoke_client(core: Desk, user: User, client_id: RowId) -> None:
    clients.revoke(core, client_id, user.display, now())


@router.get("/webhooks", summary="Addresses that are told of what happens")
def known_webhooks() -> list[answers.Webhook]:
    return [_webhook(row) for row in store.webhooks()]


@router.post(
    "/webhooks",
    summary="Tell an address of events; the secret that signs them is told once",
    status_code=201,
    responses=WRITES | CONFLICT,
)
def add_webhook(core: Desk, user: User, body: WebhookIn) -> answers.WebhookMade:
    by, names = user.display, body.names
    made, secret = webhooks.add(core, body.address, body.events, by, now(), names=names)
    return answers.WebhookMade(webhook=_webhook(made), secret=secret)


@router.post(
    "/webhooks/{webhook_id}/secret",
    summary="A new secret; the one before signs beside it for a day",
    responses=WRITES | CONFLICT,
)
def rotate(core: Desk, user: User, webhook_id: RowId) -> answers.WebhookMade:
    row, secret = webhooks.rotate(core, webhook_id, user.display, now())
    return answers.WebhookMade(webhook=_webhook(row), secret=secret)


@router.post(
    "/webhooks/{webhook_id}/test",
    summary="Send a message that tells of nothing",
    status_code=204,
    responses=WRITES | CONFLICT,
)
def try_out(core: Desk, user: User, webhook_id: RowId) -> None:
    webhooks.try_out(core, webhook_id, user.display, now())


@router.post(
    "/webhooks/{webhook_id}/again",
    summary="Try again what was given up",
    status_code=204,
    responses=WRITES | CONFLICT,
)
def send_again(core: Desk, user: User, webhook_id: RowId) -> None:
    webhooks.send_again(core, webhook_id, user.display, now())


@router.post(
    "/webhooks/{webhook_id}/dismiss",
    summary="Forget what was given up",
    status_code=204,
    responses=WRITES | CONFLICT,
)
def dismiss(core: Desk, user: User, webhook_id: RowId) -> None:
    webhooks.dismiss(core, webhook_id, user.display, now())


@router.delete(
    "/webhooks/{webhook_id}",
    summary="Tell this address nothing more",
    status_code=204,
    responses=WRITES | CONFLICT,
)
def remove(core: Desk, user: User, webhook_id: RowId) -> None:
    webhooks.remove(core, webhook_id, user.display, now())


def _webhook(row: WebhookRow) -> answers.Webhook:
    """A webhook as it may be shown: the path of an address often is a secret."""
    shown_row = vars(row) | {"address": shown(row.address)}
    return answers.Webhook.model_validate(shown_row)
