"""What a gate verifies with: the key set and the revocation list, kept as they were signed.

Both are on the disk before they count, and are in force before the first scan after a restart.
"""

import logging
import threading

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from controller.gate.journal import Journal
from models import keysets, revocations
from models.cose import RefusedDocument
from models.keysets import KeySet
from models.revocations import RevocationList

log = logging.getLogger(__name__)

_KEYS, _LIST = "keys", "revoked"


class Trust:
    """`root` is the public key that was pinned at enrolment; nothing else is believed without it.

    Safe from any thread: what is in force is replaced whole.
    """

    def __init__(self, journal: Journal, root: Ed25519PublicKey, site: str) -> None:
        self._journal, self._root, self._site = journal, root, site
        self._lock = threading.Lock()
        self.keys = KeySet(seq=0, issued=0, keys={})
        self.revoked: RevocationList | None = None
        self.refused = ""
        """Why the last list that came was not believed, if it was not."""
        self._waiting = b""
        self._remember()

    def take_keys(self, payload: bytes) -> str:
        """Go by a newer key set. Returns the code of a refusal; then the old one stays."""
        with self._lock:
            try:
                keys = keysets.read(payload, self._root, self._site, newest=self.keys.seq)
            except RefusedDocument as refused:
                return self._refuse(_KEYS, refused.code)
            if keys != self.keys:
                self._journal.keep(_KEYS, payload)
                self.keys = keys
                log.info("key set %d: kids %s", keys.seq, sorted(keys.keys))
        if self._waiting:
            self.take_list(self._waiting)
        return ""

    def take_list(self, payload: bytes) -> str:
        """Go by a newer revocation list. Returns the code of a refusal; then the old one stays."""
        with self._lock:
            now = self.revoked
            newest = now.seq if now else 0
            try:
                fresh = revocations.read(payload, self.keys.keys, self._site, newest=newest)
            except RefusedDocument as refused:
                self.refused = refused.code if refused.code != "empty" else self.refused
                # The key that signed it may be announced a moment later.
                self._waiting = payload if refused.code == "unknown_key" else self._waiting
                return self._refuse(_LIST, refused.code)
            if now and fresh.seq == now.seq and fresh.issued < now.issued:
                self.refused = "old"
                return self._refuse(_LIST, "old")
            if fresh != now:
                self._journal.keep(_LIST, payload)
                self.revoked = fresh
                log.info("revocation list %d: %d passes", fresh.seq, len(fresh.ids))
            self.refused, self._waiting = "", b""
        return ""

    def is_revoked(self, pass_id: bytes) -> bool:
        return self.revoked is not None and pass_id in self.revoked.ids

    def _remember(self) -> None:
        try:
            if kept := self._journal.kept(_KEYS):
                self.keys = keysets.read(kept, self._root, self._site)
            if kept := self._journal.kept(_LIST):
                # It was believed when it came; its key may have been retired since.
                self.revoked = revocations.read(kept, self.keys.known, self._site)
        except RefusedDocument as refused:
            log.error("what was kept of keys and revocations is not believed: %s", refused.code)  # noqa: TRY400 - expected after a new enrolment

    def _refuse(self, what: str, code: str) -> str:
        log.warning("%s refused: %s", what, code)
        return code
