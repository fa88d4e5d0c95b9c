"""Personal data is kept for a set time and then forgotten."""

import logging
from datetime import datetime, timedelta

from controller import sections
from controller.core import Core
from models import store
from models.terms import Section

log = logging.getLogger(__name__)


def purge(core: Core, now: datetime) -> int:
    """Forget who came longer ago than `privacy.keep_days`; returns how many visits it was."""
    days = core.settings.privacy.keep_days
    with store.transaction():
        before = now - timedelta(days=days)
        count = store.forget(before)
        sections.renew(core, Section.VISITS, core.local(before).date(), now)
        if count:
            store.record(now, "privacy", "forgotten", visits=count, days=days)
    if count:
        log.info("forgot who came more than %d days ago: %d visits", days, count)
    core.committed("visits", "passes", "board")
    return count
