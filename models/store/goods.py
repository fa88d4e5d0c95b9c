"""Goods-release slips (物品放行)."""

import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from models.merging import Passing
from models.messages import GoodsLine
from models.tables import GoodsSlip, Scan
from models.terms import Direction, GoodsState, Language
from models.tokens import ID_LENGTH


@dataclass(frozen=True)
class GoodsRow:
    """One slip. `permit` is the contractor's, `ticket` the queue number's it was made for."""

    id: int
    number: str
    token_id: bytes
    token: str
    state: GoodsState
    goods: tuple[GoodsLine, ...]
    name: str
    unit: str
    phone_last4: str
    company: str
    permit_id: int | None
    plate: str
    language: Language
    valid_from: datetime
    valid_until: datetime
    drafted_by: str
    drafted_at: datetime
    approved_by: str
    approved_at: datetime | None
    released_by: str
    released_at: datetime | None
    revoked_by: str
    revoked_at: datetime | None
    revoked_reason: str

    @property
    def whose(self) -> str:
        """Who takes the goods out, from where."""
        return "　".join(part for part in (self.unit, self.company, self.name) if part)


def add_goods(goods: Sequence[GoodsLine], **fields: Any) -> GoodsRow:
    """Insert a draft; its number is drawn from its row: G-0012."""
    token_id = secrets.token_bytes(ID_LENGTH)
    text = json.dumps([line.model_dump() for line in goods], ensure_ascii=False)
    row = GoodsSlip.create(
        number=f"?{token_id.hex()}",
        token_id=token_id,
        state=GoodsState.DRAFT,
        goods=text,
        **fields,
    )
    row.number = f"G-{row.id:04d}"
    row.save()
    # Read again: times are kept to the millisecond, and a repeat gets the same answer.
    return _row(GoodsSlip.get_by_id(row.id))


def goods(slip_id: int) -> GoodsRow | None:
    return _found(GoodsSlip.id == slip_id)


def goods_by_key(key: str) -> GoodsRow | None:
    return _found(GoodsSlip.key == key)


def goods_by_number(number: str) -> GoodsRow | None:
    return _found(GoodsSlip.number == number.upper())


def goods_by_token_id(token_id: bytes) -> GoodsRow | None:
    return _found(GoodsSlip.token_id == token_id)


def change_goods(slip_id: int, **fields: Any) -> GoodsRow:
    GoodsSlip.update(**fields).where(GoodsSlip.id == slip_id).execute()
    return _row(GoodsSlip.get_by_id(slip_id))


def goods_of(start: datetime, end: datetime) -> list[GoodsRow]:
    """What is still open, and what was closed in a span of time, the newest first."""
    closed_then = (
        GoodsSlip.released_at.between(start, end)
        | GoodsSlip.revoked_at.between(start, end)
        | GoodsSlip.valid_until.between(start, end)
    )
    query = GoodsSlip.select().where(GoodsSlip.state.in_(_OPEN) | closed_then)
    return [_row(row) for row in query.order_by(GoodsSlip.id.desc())]


def open_goods() -> list[GoodsRow]:
    """Drafts, and what is approved and has not left, the first to end first."""
    query = GoodsSlip.select().where(GoodsSlip.state.in_(_OPEN))
    return [_row(row) for row in query.order_by(GoodsSlip.valid_until, GoodsSlip.id)]


def goods_for_gates(since: datetime, most: int) -> list[GoodsRow]:
    """Every approved slip that ends after a moment: those that can still be used first, and of them
    the first to end."""
    query = GoodsSlip.select().where(GoodsSlip.token != "", GoodsSlip.valid_until > since)
    usable = (GoodsSlip.state == GoodsState.APPROVED).desc()
    return [_row(row) for row in query.order_by(usable, GoodsSlip.valid_until).limit(most)]


def revoked_goods_ids(since: datetime, most: int) -> list[bytes]:
    """The ids of revoked slips that end after a moment, the last to end first."""
    query = (
        GoodsSlip.select(GoodsSlip.token_id)
        .where(
            GoodsSlip.revoked_at.is_null(False),
            GoodsSlip.token != "",
            GoodsSlip.valid_until > since,
        )
        .order_by(GoodsSlip.valid_until.desc())
        .limit(most)
    )
    return [bytes(row.token_id) for row in query]


def releases(slip_id: int) -> list[Passing]:
    """Every scan that let the goods out, but those that the desk has called wrong."""
    rows = Scan.select().where(Scan.goods == slip_id, Scan.ok, ~Scan.void)
    return [Passing(row.key, Direction.OUT, row.at) for row in rows]


_OPEN = (GoodsState.DRAFT, GoodsState.APPROVED)


def _found(condition: Any) -> GoodsRow | None:
    found = GoodsSlip.get_or_none(condition)
    return _row(found) if found else None


def _row(row: Any) -> GoodsRow:
    return GoodsRow(
        id=row.id,
        number=row.number,
        token_id=bytes(row.token_id),
        token=row.token,
        state=GoodsState(row.state),
        goods=tuple(GoodsLine(**line) for line in json.loads(row.goods)),
        name=row.name,
        unit=row.unit,
        phone_last4=row.phone_last4,
        company=row.company,
        permit_id=row.permit_id,
        plate=row.plate,
        language=Language(row.language),
        valid_from=row.valid_from,
        valid_until=row.valid_until,
        drafted_by=row.drafted_by,
        drafted_at=row.drafted_at,
        approved_by=row.approved_by,
        approved_at=row.approved_at,
        released_by=row.released_by,
        released_at=row.released_at,
        revoked_by=row.revoked_by,
        revoked_at=row.revoked_at,
        revoked_reason=row.revoked_reason,
    )
