"""Signing in at the desk: the demonstration's user, past the first sign-in."""

from argon2 import PasswordHasher

from controller import setup
from models import store
from models.settings import Settings

CREDENTIALS = {"name": store.DEMO_USER, "password": "chosen-by-mei"}
"""After `past_the_first_sign_in`."""
_HASHED = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(CREDENTIALS["password"])
"""What it costs to check stands in the hash: a thousand sign-ins of tests need no strong one."""


def past_the_first_sign_in() -> None:
    """The demonstration's user has chosen a password, in the database that is open."""
    user = store.user(store.DEMO_USER)
    assert user is not None
    store.change_user(user.id, password_hash=_HASHED, must_change=False)


def prepared(settings: Settings) -> None:
    """Set up, and past the first sign-in."""
    for _ in setup.prepare(settings):
        pass
    store.open_database(settings.database)
    past_the_first_sign_in()
    store.close_database()
