"""The calendars' secret addresses. Of an address only the token's hash is kept."""

from dataclasses import dataclass
from datetime import datetime

from models.store.desk import UserRow, user_by_id
from models.tables import CalendarFeed


@dataclass(frozen=True)
class FeedRow:
    """When somebody's address was made, and when a calendar asked last, to the minute."""

    user_id: int
    at: datetime
    used_at: datetime | None


def keep_feed(token_hash: str, user_id: int, at: datetime) -> None:
    """Keep somebody's new address; the one before leads nowhere from now on."""
    drop_feed(user_id)
    CalendarFeed.create(token_hash=token_hash, user=user_id, at=at)


def drop_feed(user_id: int) -> bool:
    """False where there was none."""
    return bool(CalendarFeed.delete().where(CalendarFeed.user == user_id).execute())


def feed(user_id: int) -> FeedRow | None:
    found = CalendarFeed.get_or_none(CalendarFeed.user == user_id)
    return FeedRow(user_id, found.at, found.used_at) if found else None


def feed_owner(token_hash: str) -> UserRow | None:
    """Whose address this is, disabled or not."""
    found = CalendarFeed.get_or_none(CalendarFeed.token_hash == token_hash)
    return user_by_id(found.user_id) if found else None


def note_feed_used(user_id: int, at: datetime) -> None:
    CalendarFeed.update(used_at=at).where(CalendarFeed.user == user_id).execute()
