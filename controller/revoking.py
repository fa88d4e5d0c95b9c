"""Taking passes back: one from the desk, or all of a key that is out of service.

Whatever is revoked is committed together with the list that gates read. Leaving stays possible:
a revoked pass opens no way in, and the scan of its holder on the way out is kept as odd.
"""

import logging
from datetime import datetime, timedelta

from controller.core import Core, Refusal
from controller.visits import tell_kiosk
from models import passes, store
from models.messages import PassKeys, RevokedPasses, encode
from models.revocations import LIFE, MOST_IDS, RevocationList
from models.store import PassRow
from models.terms import GoodsState, PassState

log = logging.getLogger(__name__)

BY_KEY = "keys"
"""Who revoked a pass whose key is out of service."""
_KEYS_SEQ, _LIST_SEQ = "keys_seq", "revoked_seq"


def revoke(core: Core, pass_id: int, reason: str, by: str, now: datetime) -> PassRow:
    """The pass holds no longer. One that was revoked before stays as it was, and says by whom.

    Raises Refusal: not_found, already_returned.
    """
    with store.transaction():
        row = store.pass_by_id(pass_id)
        if row is None:
            raise Refusal("not_found")
        if row.revoked_at is not None:
            return row
        if row.state in (PassState.RETURNED, PassState.LOST):
            raise Refusal("already_returned")
        row = _revoke(core, row, reason, by, now)
        publish_list(core, now)
    core.committed("passes", "visits")
    return row


def publish_list(core: Core, now: datetime) -> None:
    """Queue the revocation list as it is now, in the caller's transaction."""
    seconds = int(now.timestamp())
    since = now - timedelta(seconds=passes.SKEW)
    ids = store.revoked_ids(since, MOST_IDS + 1) + store.revoked_goods_ids(since, MOST_IDS)
    if len(ids) > MOST_IDS:
        log.error("more passes are revoked than a list can hold: retire the key instead")
    # In step with the clock, so that it also grows across a backup that is put back.
    seq = max(store.fact(_LIST_SEQ) + 1, seconds)
    store.keep_fact(_LIST_SEQ, seq)
    revoked = RevocationList(seq, seconds, seconds + LIFE, frozenset(ids[:MOST_IDS]))
    message = RevokedPasses(document=core.ring.sign(revoked))
    store.queue([encode(message, core.settings.site)])


def renew_list(core: Core, now: datetime) -> None:
    """Sign the list anew, so that a gate can tell an old one from one that is still true."""
    with store.transaction():
        publish_list(core, now)
    core.committed()


def follow_keys(core: Core, now: datetime) -> None:
    """Whatever `controller.keys` has done: gates get the key set, and what was signed with a key
    that is out of service is void. Whose holder is inside stands in the log of events."""
    ring = core.ring
    if ring.keys.seq == store.fact(_KEYS_SEQ):
        return
    with store.transaction():
        store.keep_fact(_KEYS_SEQ, ring.keys.seq)
        store.queue([encode(PassKeys(document=ring.document), core.settings.site)])
        kids = ", ".join(str(kid) for kid in sorted(ring.keys.retired))
        store.record(now, BY_KEY, "keys_changed", str(ring.kid), retired=kids)
        void = [row for row in store.passes_about(now) if _is_void(core, row)]
        for row in void:
            _revoke(core, row, "", BY_KEY, now)
        _void_goods(core, now)
        if inside := [row.number for row in void if row.inside]:
            log.warning("inside with a pass whose key is out of service: %s", ", ".join(inside))
            store.record(now, BY_KEY, "inside_with_retired_key", "", passes=inside)
        publish_list(core, now)
    log.info("the keys changed: %d signs passes, out of service: %s", ring.kid, kids or "none")
    core.committed("passes", "visits", "devices", "goods")


def _is_void(core: Core, row: PassRow) -> bool:
    if row.state is PassState.REVOKED:
        return False
    try:
        return core.ring.verify(row.original).kid in core.ring.keys.retired
    except passes.RefusedToken:
        # Of a site or a set of keys that is gone: no gate knows it either.
        return True


def _void_goods(core: Core, now: datetime) -> None:
    """Approved goods slips of a key that is out of service let nothing out, either."""
    for slip in store.open_goods():
        if not slip.token:
            continue
        try:
            void = core.ring.verify_goods(slip.token).kid in core.ring.keys.retired
        except passes.RefusedToken:
            void = True
        if void:
            revoked = {"revoked_by": BY_KEY, "revoked_at": now}
            store.change_goods(slip.id, state=GoodsState.REVOKED, **revoked)
            store.record(now, BY_KEY, "goods_revoked", slip.number)


def _revoke(core: Core, row: PassRow, reason: str, by: str, now: datetime) -> PassRow:
    revoked = store.revoke_pass(row.id, reason, by, now)
    store.record(now, by, "pass_revoked", row.number, inside=row.inside)
    store.release(row.visit_id, now)
    visit = store.visit(row.visit_id)
    if visit is not None:
        tell_kiosk(core, store.change_visit(visit.id))
    return revoked
