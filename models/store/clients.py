"""The programs that call the API. Of a token only the hash is kept."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from models.tables import ApiClient
from models.terms import Scope


@dataclass(frozen=True)
class ClientRow:
    """A program that calls the API; `used_at` is true to the minute."""

    id: int
    name: str
    scopes: frozenset[Scope]
    ends: date | None
    by: str
    at: datetime
    used_at: datetime | None

    @property
    def display(self) -> str:
        """What the log has as the doer: a program is never taken for a person."""
        return f"API {self.name}"


def clients() -> list[ClientRow]:
    return [_client(row) for row in ApiClient.select().order_by(ApiClient.name)]


def client(client_id: int) -> ClientRow | None:
    found = ApiClient.get_or_none(ApiClient.id == client_id)
    return _client(found) if found else None


def client_of(token_hash: str) -> ClientRow | None:
    found = ApiClient.get_or_none(ApiClient.token_hash == token_hash)
    return _client(found) if found else None


def add_client(
    name: str, token_hash: str, scopes: frozenset[Scope], ends: date | None, by: str, at: datetime
) -> ClientRow | None:
    """Make a client; None where the name is taken."""
    if ApiClient.get_or_none(ApiClient.name == name):
        return None
    fields = {"name": name, "token_hash": token_hash, "ends": ends, "by": by, "at": at}
    return _client(ApiClient.create(scopes="\n".join(sorted(scopes)), **fields))


def remove_client(client_id: int) -> None:
    ApiClient.delete().where(ApiClient.id == client_id).execute()


def note_client_used(client_id: int, at: datetime) -> None:
    ApiClient.update(used_at=at).where(ApiClient.id == client_id).execute()


def _client(row: Any) -> ClientRow:
    scopes = frozenset(map(Scope, row.scopes.splitlines()))
    return ClientRow(row.id, row.name, scopes, row.ends, row.by, row.at, row.used_at)
