"""The desk's users and their sessions."""

from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from models.tables import (
    CalendarFeed,
    DeskSession,
    DeskUser,
)
from models.terms import DeskRole

_ONCE_KNOWN = ("desk", "lobby-demo")
"""How anybody could sign in to the demonstration of earlier versions: it stood in the README."""


@dataclass(frozen=True)
class UserRow:
    """`must_change`: the password was made for them, so that they choose one before all else."""

    id: int
    name: str
    display: str
    password_hash: str
    role: DeskRole
    must_change: bool
    disabled: bool


@dataclass(frozen=True)
class SessionRow:
    """A sign-in that holds; `address` is where from."""

    token_hash: str
    since: datetime | None
    expires: datetime
    address: str


def user(name: str) -> UserRow | None:
    found = DeskUser.get_or_none(DeskUser.name == name)
    return _user(found) if found else None


def user_by_id(user_id: int) -> UserRow | None:
    found = DeskUser.get_or_none(DeskUser.id == user_id)
    return _user(found) if found else None


def users() -> list[UserRow]:
    return [_user(u) for u in DeskUser.select().order_by(DeskUser.name)]


def add_user(
    name: str, display: str, password_hash: str, role: DeskRole, **flags: bool
) -> UserRow | None:
    """Make a user; None where the name is taken."""
    if user(name) is not None:
        return None
    fields = {"name": name, "display": display, "password_hash": password_hash, "role": role}
    return _user(DeskUser.create(**fields, **flags))


def change_user(user_id: int, **fields: object) -> None:
    DeskUser.update(**fields).where(DeskUser.id == user_id).execute()


def remove_user(user_id: int) -> None:
    close_sessions(user_id)
    CalendarFeed.delete().where(CalendarFeed.user == user_id).execute()
    DeskUser.delete().where(DeskUser.id == user_id).execute()


def rank_earlier_users() -> None:
    """Of a version that knew no roles: whoever was made first looks after the others from now on,
    who are clerks. The password that everybody could read lets nobody in any more."""
    DeskUser.update(role=DeskRole.CLERK).execute()
    first = DeskUser.select(DeskUser.id).order_by(DeskUser.id).limit(1)
    DeskUser.update(role=DeskRole.ADMINISTRATOR).where(DeskUser.id.in_(first)).execute()
    name, password = _ONCE_KNOWN
    known = user(name)
    if known and _is_password_of(known, password):
        change_user(known.id, password_hash="")


def _is_password_of(known: UserRow, password: str) -> bool:
    from argon2 import PasswordHasher  # only a database of an earlier version needs it here
    from argon2.exceptions import InvalidHashError, VerificationError

    try:
        return PasswordHasher().verify(known.password_hash, password)
    except (VerificationError, InvalidHashError):
        return False


def _user(row: Any) -> UserRow:
    return UserRow(
        row.id,
        row.name,
        row.display,
        row.password_hash,
        DeskRole(row.role),
        row.must_change,
        row.disabled,
    )


def open_session(row: SessionRow, user_id: int) -> None:
    DeskSession.delete().where(DeskSession.expires < datetime.now(UTC)).execute()
    DeskSession.create(user=user_id, **asdict(row))


def session(token_hash: str, now: datetime) -> UserRow | None:
    found = DeskSession.get_or_none(DeskSession.token_hash == token_hash, DeskSession.expires > now)
    return _user(found.user) if found and not found.user.disabled else None


def sessions(user_id: int, now: datetime) -> list[SessionRow]:
    """Where somebody is signed in, the newest first."""
    held = DeskSession.select().where(DeskSession.user == user_id, DeskSession.expires > now)
    return [
        SessionRow(row.token_hash, row.since, row.expires, row.address)
        for row in held.order_by(DeskSession.expires.desc())
    ]


def close_session(token_hash: str) -> None:
    DeskSession.delete().where(DeskSession.token_hash == token_hash).execute()


def close_sessions(user_id: int) -> None:
    """Sign somebody out everywhere."""
    DeskSession.delete().where(DeskSession.user == user_id).execute()
