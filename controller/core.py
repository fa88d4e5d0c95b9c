"""What every request of the controller works with."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from controller.changes import Changes, What
from controller.keyring import Keyring, Ring
from controller.limits import RateLimit
from models import store
from models.rules import Policy
from models.settings import Settings


class Refusal(Exception):
    """A request that cannot be done. `code` is for machines, its words are in the catalogue `desk`
    as `code_<code>` with `places` filled in; `field` names what was wrong, if it was one field."""

    def __init__(self, code: str, field: str = "", **places: object) -> None:
        super().__init__(code)
        self.code = code
        self.field = field
        self.places = places


@dataclass(frozen=True)
class Core:
    """The controller's parts, handed to every function that serves a request."""

    settings: Settings
    policy: Policy
    keyring: Keyring
    changes: Changes
    guesses: RateLimit
    wake: Callable[[], None]

    @property
    def ring(self) -> Ring:
        """The keys as they are now. Ask once for whatever must fit together."""
        return self.keyring.ring

    def committed(self, *what: What) -> None:
        """Call when something has been done: the outbox is emptied, and every open page learns
        what changed. Not before it is committed: a request may be one of several in a commit."""

        def tell() -> None:
            self.wake()
            self.changes.publish(*what)

        store.after_commit(tell)

    def local(self, moment: datetime) -> datetime:
        return moment.astimezone(self.settings.zone)

    def day_of(self, moment: datetime) -> tuple[datetime, datetime]:
        """The site's calendar day around a moment, as two moments."""
        midnight = datetime.combine(self.local(moment).date(), time(), self.settings.zone)
        return midnight, midnight + timedelta(days=1)
