"""The programs that call the API: each with a token of its own, shown once and kept as a hash."""

import secrets
from collections.abc import Iterable
from contextlib import suppress
from datetime import date, datetime

from controller import bearer
from controller.core import Core, Refusal
from models import store
from models.store import ClientRow
from models.terms import Scope

PREFIX = "lobby_"
"""Of every token, for whoever looks for secrets where none should be."""
MOST = 50


def add(
    core: Core, name: str, scopes: Iterable[Scope], ends: date | None, by: str, now: datetime
) -> tuple[ClientRow, str]:
    """A new client, and its token, which is never shown again. `ends` is the last day on which it
    is let in. Raises Refusal: client_exists, display_taken, in_the_past, too_many_clients."""
    token = PREFIX + secrets.token_urlsafe(32)
    if ends is not None and ends < core.local(now).date():
        raise Refusal("in_the_past", "ends_on")
    with store.transaction():
        if len(store.clients()) >= MOST:
            raise Refusal("too_many_clients")
        made = store.add_client(name, bearer.hash_of(token), frozenset(scopes), ends, by, now)
        if made is None:
            raise Refusal("client_exists", "client")
        if made.display in {one.display for one in store.users()}:
            raise Refusal("display_taken", "client")
        store.record(now, by, "client_added", f"client-{made.id}", scopes=sorted(made.scopes))
    core.committed("integrations")
    return made, token


def revoke(core: Core, client_id: int, by: str, now: datetime) -> None:
    """Its token opens nothing any more, from its next call on. Raises Refusal: not_found."""
    with store.transaction():
        if store.client(client_id) is None:
            raise Refusal("not_found")
        store.remove_client(client_id)
        store.record(now, by, "client_revoked", f"client-{client_id}")
    core.committed("integrations")


def of_token(core: Core, token: str, now: datetime) -> ClientRow | None:
    """Whose token this is; None for one that is unknown, revoked or over."""
    found = store.client_of(bearer.hash_of(token))
    if found is None or (found.ends is not None and found.ends < core.local(now).date()):
        return None
    if bearer.is_news(found.used_at, now):
        # A disk that takes nothing is no reason not to read.
        with suppress(store.NoRoomError), store.transaction():
            store.note_client_used(found.id, now)
            core.committed("integrations")
    return found
