"""Who may sign in at the desk: `python -m controller.users list | set NAME DISPLAY | remove NAME`.

`set` makes a user or changes one; the password is asked for twice, or read from standard input
where that is no terminal. Whoever loses a password or an account is signed out everywhere.
"""

import argparse
import getpass
import sys
from datetime import UTC, datetime

from argon2 import PasswordHasher

from models import store
from models.settings import SettingsError, load

SHORTEST = 8
"""Characters of a password."""


class UsersError(Exception):
    """What was asked for cannot be done; the text is one sentence."""


def set_user(name: str, display: str, password: str, now: datetime) -> None:
    """Make a user, or change the name on the page and the password of one."""
    if len(password) < SHORTEST:
        raise UsersError(f"A password needs at least {SHORTEST} characters.")
    with store.transaction():
        store.set_user(name, display, PasswordHasher().hash(password))
        store.record(now, "setup", "user_set", name)


def remove_user(name: str, now: datetime) -> None:
    """Take a user away, unless it is the last one: nobody could sign in any more."""
    with store.transaction():
        if store.user(name) is None:
            raise UsersError(f"There is no user {name}.")
        if len(store.users()) == 1:
            raise UsersError(f"{name} is the only user: make another one first.")
        store.remove_user(name)
        store.record(now, "setup", "user_removed", name)


def main(arguments: list[str] | None = None) -> int:
    """Returns the exit code: 0, or 2 after a sentence on stderr."""
    parser = argparse.ArgumentParser(prog="python -m controller.users")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("list", help="who may sign in")
    setting = commands.add_parser("set", help="make or change a user")
    setting.add_argument("name", help="what is typed at sign-in")
    setting.add_argument("display", help="the name that the page and the log show")
    removing = commands.add_parser("remove", help="take a user away")
    removing.add_argument("name")
    asked = parser.parse_args(arguments)
    try:
        store.open_database(load().database)
        _do(asked)
    except (SettingsError, UsersError) as problem:
        sys.stderr.write(f"{problem}\n")
        return 2
    finally:
        store.close_database()
    return 0


def _do(asked: argparse.Namespace) -> None:
    now = datetime.now(UTC)
    if asked.command == "list":
        for user in store.users():
            print(f"{user.name}\t{user.display}")
    elif asked.command == "set":
        set_user(asked.name, asked.display, _password(), now)
    else:
        remove_user(asked.name, now)


def _password() -> str:
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\n")
    password = getpass.getpass("Password: ")
    if getpass.getpass("Once more: ") != password:
        raise UsersError("The two passwords differ; nothing was changed.")
    return password


if __name__ == "__main__":
    sys.exit(main())
