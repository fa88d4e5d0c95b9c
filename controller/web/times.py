"""Times of the API's requests: the moment, and what a form has written."""

from datetime import UTC, datetime, timedelta

from controller.core import Core
from controller.web.moments import NoSuchTime, Written
from controller.web.problems import BadField

_USUAL_APPOINTMENT = timedelta(hours=1)


def from_to(
    core: Core, starts: Written, ends: Written | None, moment: datetime
) -> tuple[datetime, datetime]:
    """The span of an appointment; without an end it is as long as most are."""
    begin = at(core, "starts", starts, moment)
    return begin, at(core, "ends", ends, moment) if ends else begin + _USUAL_APPOINTMENT


def at(core: Core, field: str, when: Written, moment: datetime) -> datetime:
    """A written time, in the site's zone. Raises BadField."""
    try:
        return when.at(core.settings.zone, moment)
    except NoSuchTime:
        raise BadField(field, "time") from None


def now() -> datetime:
    """The moment, to the millisecond that the store keeps: what is answered now reads the same
    later."""
    moment = datetime.now(UTC)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)
