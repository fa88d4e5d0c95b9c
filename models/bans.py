"""Who is to be kept an eye on: a registration against the list of bans. Pure.

A name alone is shared by many, so it only says "possible"; with the phone's last digits or the
organisation it is taken for the same person. Neither changes what the visitor sees. Names compare
in traditional and simplified characters, full and half width, with and without spaces.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from models.matching import plain


@dataclass(frozen=True)
class Ban:
    """`review` is the last day on which it holds; after it, somebody has to look at it again."""

    id: int
    name: str
    organisation: str
    phone_last4: str
    reason: str
    review: date
    by: str

    def holds(self, today: date) -> bool:
        return today <= self.review


@dataclass(frozen=True)
class Alert:
    """`possible`: only the name is the same."""

    ban: Ban
    possible: bool


def alerts(
    name: str, organisation: str, phone_last4: str, bans: Iterable[Ban], today: date
) -> list[Alert]:
    """The bans in force that this person matches, the certain ones first."""
    mine = plain(name)
    found = []
    for ban in bans:
        if not mine or plain(ban.name) != mine or not ban.holds(today):
            continue
        same_phone = bool(phone_last4) and phone_last4 == ban.phone_last4
        place = plain(organisation)
        same_place = bool(place) and place == plain(ban.organisation)
        found.append(Alert(ban, possible=not (same_phone or same_place)))
    return sorted(found, key=lambda alert: (alert.possible, alert.ban.id))
