"""The desk's users and their sessions."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

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
    return _user(found) if found else None


def users() -> list[UserRow]:
    return [_user(u) for u in DeskUser.select().order_by(DeskUser.name)]


def set_user(name: str, display: str, password_hash: str) -> None:
    """Make a user or change one, who is then signed out everywhere."""
    DeskUser.insert(name=name, display=display, password_hash=password_hash).on_conflict(
        conflict_target=[DeskUser.name],
        preserve=[DeskUser.display, DeskUser.password_hash],
    ).execute()
    _sign_out(name)


def remove_user(name: str) -> None:
    _sign_out(name)
    DeskUser.delete().where(DeskUser.name == name).execute()


def _sign_out(name: str) -> None:
    who = DeskUser.select(DeskUser.id).where(DeskUser.name == name)
    DeskSession.delete().where(DeskSession.user.in_(who)).execute()


def _user(row: Any) -> UserRow:
    return UserRow(row.id, row.name, row.display, row.password_hash)


def open_session(token_hash: str, user_id: int, expires: datetime) -> None:
    DeskSession.delete().where(DeskSession.expires < datetime.now(UTC)).execute()
    DeskSession.create(token_hash=token_hash, user=user_id, expires=expires)


def session(token_hash: str, now: datetime) -> UserRow | None:
    found = DeskSession.get_or_none(DeskSession.token_hash == token_hash, DeskSession.expires > now)
    if found is None:
        return None
    return _user(found.user)


def close_session(token_hash: str) -> None:
    DeskSession.delete().where(DeskSession.token_hash == token_hash).execute()
