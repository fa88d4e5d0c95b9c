"""Who may sign in at the desk: `python -m controller.users list | set NAME DISPLAY | remove NAME`.

`set` makes a user or changes one; the password is asked for twice, or read from standard input
where that is no terminal. Whoever loses a password, a role or an account is signed out everywhere.
A password that somebody else has made is good for one thing: choosing one's own.
"""

import argparse
import getpass
import secrets
import sys
from datetime import UTC, datetime

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from controller import shift
from controller.core import Refusal
from models import store
from models.files import private_folder, replacing
from models.settings import Settings, SettingsError, load
from models.store import UserRow
from models.terms import DeskRole, Language
from models.words import say

SHORTEST = 8
"""Characters of a password."""
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
"""Nothing that is read aloud or copied by hand as something else."""


def add(name: str, display: str, role: DeskRole, by: str, now: datetime) -> tuple[UserRow, str]:
    """Somebody new, and their first password. Raises Refusal: user_exists, display_taken."""
    password = _one_time_password()
    hashed = _hash(password)
    with store.transaction():
        made = store.add_user(name, display, hashed, role, must_change=True)
        if made is None:
            raise Refusal("user_exists", "user")
        _check_display(display, made.id)
        store.record(now, by, "user_added", name, role=role)
    return made, password


def change(
    settings: Settings,
    user_id: int,
    display: str,
    role: DeskRole,
    by: str,
    now: datetime,
    *,
    disabled: bool = False,
) -> UserRow:
    """Another name on the page, another role, or no signing in for now. Raises Refusal:
    not_found, last_administrator, display_taken, on_shift (another name)."""
    with store.transaction():
        user = _user(user_id)
        if display != user.display:
            _check_display(display, user_id)
            if user.display in shift.now_on(settings, now).posts:
                raise Refusal("on_shift", "display")
        if disabled or role is not DeskRole.ADMINISTRATOR:
            _keep_an_administrator(user)
        store.change_user(user_id, display=display, role=role, disabled=disabled)
        store.record(now, by, "user_changed", user.name, role=role, disabled=disabled)
        if (role, disabled) != (user.role, user.disabled):
            store.close_sessions(user_id)
        return _user(user_id)


def reset(user_id: int, by: str, now: datetime) -> tuple[UserRow, str]:
    """A new first password for somebody who has lost theirs. Raises Refusal: not_found."""
    password = _one_time_password()
    hashed = _hash(password)
    with store.transaction():
        user = _user(user_id)
        _set_password(user, hashed, must_change=True)
        store.record(now, by, "password_reset", user.name)
    return user, password


def choose(settings: Settings, user: UserRow, new: str, now: datetime) -> None:
    """One's own password, which is not the one before. Raises Refusal: password_short,
    password_same."""
    if len(new) < SHORTEST:
        raise Refusal("password_short", "new")
    if matches(user.password_hash, new):
        raise Refusal("password_same", "new")
    hashed = _hash(new)
    with store.transaction():
        _set_password(user, hashed, must_change=False)
        store.record(now, user.display, "password_chosen", user.name)
    if first_password(settings) is None:
        settings.first_password.unlink(missing_ok=True)


def remove(user_id: int, by: str, now: datetime) -> None:
    """Take a user away. Raises Refusal: not_found, last_administrator."""
    with store.transaction():
        user = _user(user_id)
        _keep_an_administrator(user)
        store.remove_user(user_id)
        store.record(now, by, "user_removed", user.name)


def ensure_administrator(settings: Settings, now: datetime) -> tuple[str, str] | None:
    """At set-up: where no administrator can sign in, one gets a password, which is kept in
    `settings.first_password` until its owner has chosen another. Returns name and password."""
    there = _administrators()
    if any(user.password_hash for user in there):
        return None
    password = _one_time_password()
    hashed = _hash(password)
    with store.transaction():
        chosen = there[0] if there else _first_administrator()
        _set_password(chosen, hashed, must_change=True)
        store.record(now, "setup", "first_password", chosen.name)
        private_folder(settings.first_password.parent)
        with replacing(settings.first_password) as scratch:
            scratch.write_text(f"{chosen.name}\n{password}\n", "utf-8")
    return chosen.name, password


def first_password(settings: Settings) -> tuple[str, str] | None:
    """The name and password that set-up has made, while they are good."""
    try:
        name, password = settings.first_password.read_text("utf-8").split()
    except (FileNotFoundError, ValueError):
        return None
    user = store.user(name)
    return (name, password) if user and matches(user.password_hash, password) else None


def _first_administrator() -> UserRow:
    name = "admin"
    while (made := store.add_user(name, name, "", DeskRole.ADMINISTRATOR)) is None:
        name += "1"
    return made


def _administrators() -> list[UserRow]:
    return [
        user for user in store.users() if user.role is DeskRole.ADMINISTRATOR and not user.disabled
    ]


def _set_password(user: UserRow, hashed: str, *, must_change: bool) -> None:
    store.change_user(user.id, password_hash=hashed, must_change=must_change)
    store.close_sessions(user.id)


def _keep_an_administrator(user: UserRow) -> None:
    """Somebody has to be able to make the others."""
    if [one.id for one in _administrators()] == [user.id]:
        raise Refusal("last_administrator", "role")


def _check_display(display: str, user_id: int) -> None:
    """Who did what is told by this name alone, in the log and at the desk."""
    others = {one.display for one in store.users() if one.id != user_id}
    if display in others | {one.display for one in store.clients()}:
        raise Refusal("display_taken", "display")


def _user(user_id: int) -> UserRow:
    if (user := store.user_by_id(user_id)) is None:
        raise Refusal("not_found")
    return user


def matches(password_hash: str, password: str) -> bool:
    """Is it this password? Nothing matches an empty hash."""
    try:
        return PasswordHasher().verify(password_hash, password)
    except (VerificationError, InvalidHashError):
        return False


def _hash(password: str) -> str:
    return PasswordHasher().hash(password)


def _one_time_password() -> str:
    """Twelve letters, 59 bits."""
    return "-".join("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(3))


# --- the command --------------------------------------------------------------------------------


class UsersError(Exception):
    """What was asked for cannot be done; the text is one sentence."""


def main(arguments: list[str] | None = None) -> int:
    """Returns the exit code: 0, or 2 after a sentence on stderr."""
    parser = argparse.ArgumentParser(prog="python -m controller.users")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("list", help="who may sign in")
    setting = commands.add_parser("set", help="make or change a user")
    setting.add_argument("name", help="what is typed at sign-in")
    setting.add_argument("display", help="the name that the page and the log show")
    roles = [role.value for role in DeskRole]
    setting.add_argument("--role", choices=roles, help="without, it stays; a new user is a clerk")
    removing = commands.add_parser("remove", help="take a user away")
    removing.add_argument("name")
    asked = parser.parse_args(arguments)
    try:
        settings = load()
        store.open_database(settings.database)
        _do(settings, asked)
    except (SettingsError, UsersError) as problem:
        sys.stderr.write(f"{problem}\n")
        return 2
    except Refusal as refusal:
        sys.stderr.write(f"{say(Language.EN, f'desk.code_{refusal.code}')}\n")
        return 2
    finally:
        store.close_database()
    return 0


def _do(settings: Settings, asked: argparse.Namespace) -> None:
    now = datetime.now(UTC)
    if asked.command == "list":
        for user in store.users():
            print(user.name, user.display, user.role, *["disabled"] * user.disabled, sep="\t")
        return
    if asked.command == "set":
        _set(settings, asked, _password(), now)
    elif known := store.user(asked.name):
        remove(known.id, "setup", now)
    else:
        raise UsersError(f"There is no user {asked.name}.")


def _set(settings: Settings, asked: argparse.Namespace, password: str, now: datetime) -> None:
    if len(password) < SHORTEST:
        raise Refusal("password_short")
    known = store.user(asked.name)
    role = DeskRole(asked.role or (known.role if known else DeskRole.CLERK))
    if known:
        user = change(settings, known.id, asked.display, role, "setup", now)
    else:
        user, _ = add(asked.name, asked.display, role, "setup", now)
    if not matches(user.password_hash, password):
        choose(settings, user, password, now)


def _password() -> str:
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\n")
    password = getpass.getpass("Password: ")
    if getpass.getpass("Once more: ") != password:
        raise UsersError("The two passwords differ; nothing was changed.")
    return password


if __name__ == "__main__":
    sys.exit(main())
