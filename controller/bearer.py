"""Random tokens that let in whoever bears them: a session, a link, a program's. Each is told once
and kept as a hash alone."""

import hashlib
from datetime import datetime, timedelta

_EXACTLY = timedelta(minutes=1)
"""How well it is known when a token was used last: nobody waits for the disk twice for it."""


def hash_of(token: str) -> str:
    """What is kept of a token: its SHA-256 in hex. Random as it is, it needs no salt."""
    return hashlib.sha256(token.encode("utf-8", "surrogateescape")).hexdigest()


def is_news(used_at: datetime | None, now: datetime) -> bool:
    """Is a use at `now` to be noted, when the last one that was noted was at `used_at`?"""
    return used_at is None or now - used_at >= _EXACTLY
