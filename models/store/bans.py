"""Bans that have not been lifted."""

from datetime import date, datetime
from typing import Any

from models.bans import Ban
from models.tables import Ban as BanTable


def add_ban(**fields: Any) -> Ban:
    return _ban(BanTable.create(**fields))


def bans() -> list[Ban]:
    """The one to be reviewed soonest first."""
    query = BanTable.select().where(BanTable.lifted_at.is_null())
    return [_ban(row) for row in query.order_by(BanTable.review, BanTable.id)]


def renew_ban(ban_id: int, review: date) -> Ban | None:
    """The ban with its new day of review; None where there is none in force."""
    standing = (BanTable.id == ban_id) & BanTable.lifted_at.is_null()
    if not BanTable.update(review=review).where(standing).execute():
        return None
    return _ban(BanTable.get_by_id(ban_id))


def lift_ban(ban_id: int, by: str, at: datetime) -> bool:
    standing = (BanTable.id == ban_id) & BanTable.lifted_at.is_null()
    changed: int = BanTable.update(lifted_at=at, lifted_by=by).where(standing).execute()
    return changed == 1


def _ban(row: Any) -> Ban:
    return Ban(
        id=row.id,
        name=row.name,
        organisation=row.organisation,
        phone_last4=row.phone_last4,
        reason=row.reason,
        review=row.review,
        by=row.by,
    )
