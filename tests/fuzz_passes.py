"""Fuzzing of everything signed that a gate reads: `python -m tests.fuzz_passes --seconds 60`.

`fuzz_one(data)` takes any bytes, as libFuzzer's or atheris' target does; here a plain loop feeds it
spoilt passes, lists and key sets, and random bytes. Whatever is accepted that nobody signed, and
any exception but a refusal, ends it with the input and the seed (`--seed`) to see it again.
"""

import argparse
import random
import sys
import time
from collections.abc import Iterator

from controller.gate import judging
from models import goods, keysets, passes, revocations
from models.cose import RefusedDocument
from models.keysets import KeySet
from models.revocations import RevocationList
from tests.mutations import KEY, KEYS, SITE, TOKENS, fresh_seed, mutants

_SET = KeySet(5, 1_795_430_000, KEYS, {1: 1_795_520_000}, {2: KEY.public_key()})
_LIST = RevocationList(7, 1_795_430_000, 1_795_430_900, frozenset({b"seven b", b"another"}))
_DOCUMENTS = (keysets.sign(KEY, SITE, _SET), revocations.sign(KEY, SITE, 1, _LIST))
_PUBLIC = KEY.public_key()
_OURS = frozenset(TOKENS)


def fuzz_one(data: bytes) -> None:
    """Raises AssertionError if anything is accepted that is not one of our own, and whatever else
    a reader lets escape."""
    text = data.decode("utf-8", "surrogateescape")
    if text not in _OURS:
        assert judging.read(text, _SET, SITE).claims is None, "a spoilt pass was read"
        _refused(lambda: passes.verify(text, KEYS, SITE))
    _refused(lambda: goods.verify(text, KEYS, SITE))
    if data not in _DOCUMENTS:
        _refused(lambda: keysets.read(data, _PUBLIC, SITE))
        _refused(lambda: revocations.read(data, KEYS, SITE))


def _refused(read) -> None:
    try:
        read()
    except RefusedDocument:
        return
    raise AssertionError("what nobody signed was accepted")


def inputs(seed: int) -> Iterator[bytes]:
    """Without end."""
    chance, spoilt = random.Random(seed), mutants(seed)
    while True:
        yield next(spoilt).encode("utf-8", "surrogateescape")
        raw = bytearray(chance.choice(_DOCUMENTS))
        for _ in range(chance.randrange(1, 4)):
            raw[chance.randrange(len(raw))] ^= chance.randrange(1, 256)
        yield bytes(raw[: chance.choice([len(raw), chance.randrange(len(raw))])])
        yield chance.randbytes(chance.randrange(200))


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz_passes", description=__doc__)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=fresh_seed())
    asked = parser.parse_args()
    end, count = time.monotonic() + asked.seconds, 0
    for data in inputs(asked.seed):
        if time.monotonic() >= end:
            break
        try:
            fuzz_one(data)
        except BaseException as problem:  # noqa: BLE001 - any at all is what is looked for
            print(f"seed {asked.seed}, input {count}: {problem!r}\n{data!r}")
            return 1
        count += 1
    print(f"{count} inputs, none accepted (seed {asked.seed})")
    return 0


if __name__ == "__main__":
    sys.exit(main())
