"""The desk's users and their sessions."""

from dataclasses import dataclass
from datetime import UTC, datetime

from models.tables import (
    DeskSession,
    DeskUser,
)


@dataclass(frozen=True)
class UserRow:
    id: int
    name: str
    display: str
    password_hash: str


def user(name: str) -> UserRow | None:
    found = DeskUser.get_or_none(DeskUser.name == name)
    return UserRow(found.id, found.name, found.display, found.password_hash) if found else None


def add_user(name: str, display: str, password_hash: str) -> None:
    DeskUser.create(name=name, display=display, password_hash=password_hash)


def open_session(token_hash: str, user_id: int, expires: datetime) -> None:
    DeskSession.delete().where(DeskSession.expires < datetime.now(UTC)).execute()
    DeskSession.create(token_hash=token_hash, user=user_id, expires=expires)


def session(token_hash: str, now: datetime) -> UserRow | None:
    found = DeskSession.get_or_none(DeskSession.token_hash == token_hash, DeskSession.expires > now)
    if found is None:
        return None
    of = found.user
    return UserRow(of.id, of.name, of.display, of.password_hash)


def close_session(token_hash: str) -> None:
    DeskSession.delete().where(DeskSession.token_hash == token_hash).execute()
