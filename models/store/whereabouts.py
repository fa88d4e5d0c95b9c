"""The colleagues' own pages for saying where they are. Of a link only the token's hash is kept."""

from dataclasses import dataclass
from datetime import datetime

from models.tables import WhereaboutsLink


@dataclass(frozen=True)
class PersonalLink:
    """Whose page it is, who made it and when, and when it was last used."""

    person_id: int
    by: str
    at: datetime
    used_at: datetime | None


def keep_personal_link(token_hash: str, person_id: int, by: str, at: datetime) -> None:
    """Keep a person's new link; the one before leads nowhere from now on."""
    drop_personal_link(person_id)
    WhereaboutsLink.create(token_hash=token_hash, person=person_id, by=by, at=at)


def drop_personal_link(person_id: int) -> bool:
    """Revoke a person's link. False where there was none."""
    gone = WhereaboutsLink.delete().where(WhereaboutsLink.person == person_id).execute()
    return bool(gone)


def personal_link(token_hash: str) -> PersonalLink | None:
    found = WhereaboutsLink.get_or_none(WhereaboutsLink.token_hash == token_hash)
    return PersonalLink(found.person_id, found.by, found.at, found.used_at) if found else None


def personal_links() -> dict[int, PersonalLink]:
    """Every link that works, by the person."""
    return {
        row.person_id: PersonalLink(row.person_id, row.by, row.at, row.used_at)
        for row in WhereaboutsLink.select()
    }


def note_personal_link_used(token_hash: str, at: datetime) -> None:
    WhereaboutsLink.update(used_at=at).where(WhereaboutsLink.token_hash == token_hash).execute()
