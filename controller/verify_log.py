"""`python -m controller verify-log [HASH]`: is the duty log what was written, all of it?

The chain shows every entry that was changed, removed or slipped in. That its last entries were cut
off, or all of it was written anew, shows by a hash that somebody noted down, or that a signed day's
sheet has at its foot: give it, or its beginning, as HASH.

Personal fields that were forgotten before their time are as good as removed. Whoever raises
`privacy.keep_days` sees those named that were forgotten by the shorter time, until they are as old.
"""

import sys
from datetime import datetime, timedelta

from models import chain, store
from models.chain import Broken, Fault
from models.settings import Settings

_SAYS = {
    Fault.MISSING: "there is no such entry, although later ones exist",
    Fault.UNLINKED: "it does not follow the entry before it",
    Fault.CHANGED: "it was changed after it was written",
    Fault.PERSONAL: "its personal fields were changed after they were written",
    Fault.EARLY: "its personal fields are gone, although they were to be kept",
}


def main(settings: Settings, wanted: str, now: datetime) -> int:
    """Say how the chain stands; 0 where all of it holds, else 1."""
    if not settings.database.exists():
        print(f"There is no database at {settings.database}.", file=sys.stderr)
        return 1
    store.open_database(settings.database)
    try:
        verdict = chain.verify(store.sealed_log(), wanted.lower())
        broken = verdict.broken or _early(settings, now)
    finally:
        store.close_database()
    if broken is not None:
        print(f"Broken at entry {broken.place}: {_SAYS[broken.fault]}.", file=sys.stderr)
        print(f"The {broken.place - 1} entries before it hold.", file=sys.stderr)
        return 1
    print(
        f"{verdict.count} entries hold, {verdict.forgotten} of them with personal data forgotten."
    )
    print(f"The last one's hash: {verdict.head.hex()}")
    if not verdict.known:
        print(f"No entry has the hash {wanted}: the log was cut off or rewritten.", file=sys.stderr)
        return 1
    return 0


def _early(settings: Settings, now: datetime) -> Broken | None:
    found = store.forgotten_early(now, timedelta(days=settings.privacy.keep_days))
    return Broken(found[0], Fault.EARLY) if found else None
