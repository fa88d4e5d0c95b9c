"""The duty log's chain holds as it was written, and breaks where anything else was done to it."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.chain import GENESIS, Broken, Fault, seal, verify


def written(texts):
    """A chain of entries that say these texts."""
    entries, previous = [], GENESIS
    for place, (public, personal) in enumerate(texts, 1):
        salt = bytes([place % 256]) * 16
        entries.append(seal(previous, place, (public, place, None), personal, salt))
        previous = entries[-1].hash
    return entries


def forgotten(entry):
    return replace(entry, personal=None, salt=None)


texts = st.lists(st.tuples(st.text(), st.text()), min_size=1, max_size=8)
chains = st.builds(written, texts)


def and_a_place(chain):
    return st.tuples(st.just(chain), st.integers(0, len(chain) - 1))


somewhere = chains.flatmap(and_a_place)


@given(chains, st.sets(st.integers(0, 7)))
def test_what_was_written_holds_whatever_of_it_was_forgotten(chain, places):
    kept = [forgotten(entry) if n in places else entry for n, entry in enumerate(chain)]
    verdict = verify(kept)
    assert verdict.broken is None
    assert (verdict.count, verdict.head) == (len(chain), chain[-1].hash)
    assert verdict.forgotten == len(places & set(range(len(chain))))


@given(somewhere, st.text())
def test_an_entry_that_says_something_else_is_named(found, other):
    chain, n = found
    public = chain[n].public
    chain[n] = replace(chain[n], public=(f"{public[0]}{other}!", *public[1:]))
    assert verify(chain).broken == Broken(n + 1, Fault.CHANGED)


@given(somewhere)
def test_an_entry_whose_hash_was_written_anew_breaks_at_the_next_one(found):
    chain, n = found
    old = chain[n]
    chain[n] = seal(old.previous, old.place, ("forged", 0), old.personal, old.salt)
    broken = Broken(n + 2, Fault.UNLINKED) if n + 1 < len(chain) else None
    assert verify(chain).broken == broken
    # All that follows written anew holds together; a hash noted down earlier shows it.
    assert not verify(chain, chain[-1].hash.hex() if broken else old.hash.hex()).known


@given(somewhere)
def test_a_missing_entry_is_named_unless_it_was_the_last(found):
    chain, n = found
    last, left = chain[-1].hash.hex(), [*chain[:n], *chain[n + 1 :]]
    verdict = verify(left, last)
    if n + 1 < len(chain):
        assert verdict.broken == Broken(n + 1, Fault.MISSING)
    else:
        assert verdict.broken is None
        assert not verdict.known


@given(somewhere, st.sampled_from(["text", "salt", "no salt", "no text"]))
def test_personal_fields_can_be_forgotten_and_not_exchanged(found, what):
    chain, n = found
    done = {
        "text": {"personal": chain[n].personal + "!"},
        "salt": {"salt": b"another salt 123"},
        "no salt": {"salt": None},
        "no text": {"personal": None},
    }
    chain[n] = replace(chain[n], **done[what])
    assert verify(chain).broken == Broken(n + 1, Fault.PERSONAL)


@given(chains)
def test_a_hash_that_was_noted_down_is_found_by_its_beginning(chain):
    assert all(verify(chain, entry.hash.hex()[:12]).known for entry in chain)


@pytest.mark.parametrize("public", [("ab", "c"), ("a", "bc"), ("abc", None), ("abc", "None")])
def test_no_field_runs_into_the_next(public):
    entries = {seal(GENESIS, 1, p, "", b"").hash for p in [("ab", "c"), ("a", "bc"), ("abc", None)]}
    assert (seal(GENESIS, 1, public, "", b"").hash in entries) == (public != ("abc", "None"))
    assert len(entries) == 3


def test_equal_personal_fields_of_two_entries_cannot_be_told_to_be_equal():
    one, other = (seal(GENESIS, 1, (), "王小明", salt) for salt in (b"1" * 16, b"2" * 16))
    assert one.personal_hash != other.personal_hash


def test_an_empty_log_holds():
    assert verify([]).broken is None
