"""How colleagues are reached, and who answers in their place: what the desk sets for each person.

A channel is an Apprise address and may hold a password or a token: it is shown masked, and a masked
line that comes back means the one that is kept.
"""

from datetime import datetime

from controller.core import Core, Refusal
from controller.notifying import deliver, service_of
from models import store
from models.store import PersonRow
from models.words import say

_MOST_CHANNELS = 5


def save(
    core: Core, person_id: int, deputy_id: int | None, written: list[str], by: str, now: datetime
) -> PersonRow:
    """Set a person's deputy and channels. Raises Refusal: not_found, unknown_deputy, bad_channel,
    too_many_channels."""
    with store.transaction():
        person = _person(person_id)
        if deputy_id is not None and (deputy_id == person_id or not store.person(deputy_id)):
            raise Refusal("unknown_deputy", "deputy")
        channels = _unmasked(person, [line.strip() for line in written if line.strip()])
        store.change_person(person_id, deputy_id=deputy_id, channels=channels)
        # How many, not which: the log is read by more people than may send in the office's name.
        facts = {"deputy": deputy_id, "channels": len(channels)}
        store.record(now, by, "colleague_changed", person.name, **facts)
    core.committed("visits")
    return _person(person_id)


def _unmasked(person: PersonRow, lines: list[str]) -> tuple[str, ...]:
    if len(lines) > _MOST_CHANNELS:
        raise Refusal("too_many_channels", "channels")
    kept = {masked(channel): channel for channel in person.channels}
    channels = tuple(kept.get(line, line) for line in lines)
    if not all(service_of(channel) for channel in channels):
        raise Refusal("bad_channel", "channels")
    return channels


def masked(channel: str) -> str:
    """An address without its secrets and its options."""
    service = service_of(channel)
    return str(service.url(privacy=True)).partition("?")[0] if service else "?"


def try_out(core: Core, person_id: int, by: str, now: datetime) -> None:
    """Send a person a test message, and wait for it. Raises Refusal: not_found, no_channel,
    message_failed."""
    person = _person(person_id)
    if not person.channels:
        raise Refusal("no_channel", "channels")
    language = core.settings.board.language
    title = say(language, "desk.try_title", office=core.settings.name)
    reason = deliver(person.channels, title, say(language, "desk.try_body", by=by))
    store.record(now, by, "channel_tried", person.name, reason=reason)
    if reason:
        raise Refusal("message_failed", "channels")


def _person(person_id: int) -> PersonRow:
    if (person := store.person(person_id)) is None:
        raise Refusal("not_found")
    return person
