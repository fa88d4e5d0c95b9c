"""`python -m controller verify-log [HASH]`: is the duty log what was written, all of it?

The chain shows every entry that was changed, removed or slipped in. That its last entries were cut
off, or all of it was written anew, shows by a hash that somebody noted down: give it as HASH.
"""

import sys

from models import chain, store
from models.chain import Fault
from models.settings import Settings

_SAYS = {
    Fault.MISSING: "there is no such entry, although later ones exist",
    Fault.UNLINKED: "it does not follow the entry before it",
    Fault.CHANGED: "it was changed after it was written",
    Fault.PERSONAL: "its personal fields were changed after they were written",
}


def main(settings: Settings, wanted: str) -> int:
    """Say how the chain stands; 0 where all of it holds, else 1."""
    if not settings.database.exists():
        print(f"There is no database at {settings.database}.", file=sys.stderr)
        return 1
    store.open_database(settings.database)
    try:
        verdict = chain.verify(store.sealed_log(), wanted.lower())
    finally:
        store.close_database()
    if (broken := verdict.broken) is not None:
        print(f"Broken at entry {broken.place}: {_SAYS[broken.fault]}.", file=sys.stderr)
        print(f"The {verdict.count} entries before it hold.", file=sys.stderr)
        return 1
    print(
        f"{verdict.count} entries hold, {verdict.forgotten} of them with personal data forgotten."
    )
    print(f"The last one's hash: {verdict.head.hex()}")
    if not verdict.known:
        print(f"No entry has the hash {wanted}: the log was cut off or rewritten.", file=sys.stderr)
        return 1
    return 0
