"""The keys on the disk: made, rotated, taken out of service, and refused in one sentence."""

import os
import subprocess
import sys
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from controller import keyring, revoking
from controller.keyfiles import KeyringError, public_key, write_private, write_public_key
from controller.keyring import OVERLAP, Keyring
from models import goods, keysets, passes, store, tables
from models.messages import PassKeys, Register, RevokedPasses, decode
from models.terms import Direction, Half, PassState
from tests.integration.conftest import NOW
from tests.parts import PATIENCE, ROOT

SECONDS = int(NOW.timestamp())
MINUTE = timedelta(minutes=1)


@pytest.fixture
def folder(settings):
    made = list(keyring.make(settings.keys, "test", SECONDS))
    assert len(made) == 2
    return settings.keys


def minted(ring: keyring.Ring, now: int = SECONDS) -> str:
    return ring.mint(b"7 bytes", Half.ORIGINAL, now, now + 3600)


def test_what_was_made_is_left_alone(folder):
    before = {file: file.read_bytes() for file in folder.iterdir()}
    assert list(keyring.make(folder, "test", SECONDS + 5)) == []
    assert {file: file.read_bytes() for file in folder.iterdir()} == before


def test_a_set_up_that_was_interrupted_keeps_its_root(folder):
    (folder / "keys.cose").unlink()
    root = (folder / "root.pem").read_bytes()
    list(keyring.make(folder, "test", SECONDS))
    assert (folder / "root.pem").read_bytes() == root
    assert keyring.load(folder, "test").kid == 1


def test_a_lost_key_set_is_not_replaced_behind_the_gates_backs(folder):
    (folder / "keys.cose").unlink()
    (folder / "root.pem").unlink()
    with pytest.raises(KeyringError, match="backup"):
        list(keyring.make(folder, "test", SECONDS))


def test_after_a_rotation_new_passes_have_the_new_kid_and_old_ones_stay_good(folder):
    ring = keyring.load(folder, "test")
    old = minted(ring)
    rotated = keyring.rotate(folder, "test", SECONDS + 60)
    assert rotated.kid == 2
    assert rotated.verify(minted(rotated)).kid == 2
    assert rotated.verify(old).kid == 1
    assert rotated.keys.seq > ring.keys.seq
    assert rotated.keys.until == {1: SECONDS + 60 + OVERLAP}
    assert OVERLAP == goods.LONGEST_LIFE + 2 * passes.SKEW > passes.LONGEST_LIFE
    assert not (folder / "1.pem").exists()


def test_a_key_that_is_retired_while_it_signs_is_replaced_in_the_same_step(folder):
    old = minted(keyring.load(folder, "test"))
    ring = keyring.retire(folder, "test", 1, SECONDS + 60)
    assert (ring.kid, list(ring.keys.keys), list(ring.keys.retired)) == (2, [2], [1])
    assert ring.verify(old).kid == 1  # so that its holder can leave


def test_a_key_that_was_replaced_before_can_be_retired_alone(folder):
    keyring.rotate(folder, "test", SECONDS)
    ring = keyring.retire(folder, "test", 1, SECONDS + 60)
    assert (ring.kid, ring.keys.until, list(ring.keys.retired)) == (2, {}, [1])


def test_every_change_is_a_greater_set_even_within_one_second(folder):
    numbers = [keyring.load(folder, "test").keys.seq]
    numbers += [keyring.rotate(folder, "test", SECONDS).keys.seq for _ in range(3)]
    numbers.append(keyring.retire(folder, "test", 2, SECONDS - 99).keys.seq)
    assert numbers == sorted(set(numbers))


def test_a_lost_pass_key_is_helped_by_a_rotation(folder):
    (folder / "1.pem").unlink()
    with pytest.raises(KeyringError, match=r"There is no .*1\.pem"):
        keyring.load(folder, "test")
    assert keyring.rotate(folder, "test", SECONDS).kid == 2


def test_the_root_may_be_kept_elsewhere(folder, tmp_path):
    elsewhere = tmp_path / "stick.pem"
    (folder / "root.pem").rename(elsewhere)
    assert keyring.load(folder, "test").kid == 1
    with pytest.raises(KeyringError, match="--root"):
        keyring.rotate(folder, "test", SECONDS)
    assert keyring.rotate(folder, "test", SECONDS, elsewhere).kid == 2


def test_a_root_that_the_gates_do_not_know_changes_nothing(folder, tmp_path):
    write_private(tmp_path / "other.pem", Ed25519PrivateKey.generate())
    before = {file: file.read_bytes() for file in folder.iterdir()}
    with pytest.raises(KeyringError, match="not the root key that the gates know"):
        keyring.retire(folder, "test", 1, SECONDS, tmp_path / "other.pem")
    assert (folder / "keys.cose").read_bytes() == before[folder / "keys.cose"]


@pytest.mark.parametrize(
    ("damage", "sentence"),
    [
        (lambda f: (f / "1.pem").chmod(0o644), r"Others may read the key .*1\.pem: run chmod 600"),
        (lambda f: (f / "root.pem").chmod(0o640), r"Others may read the key .*root\.pem"),
        (lambda f: (f / "1.pem").write_bytes(b"junk"), r"1\.pem is damaged"),
        (lambda f: (f / "1.pem").write_bytes(b""), r"1\.pem is damaged"),
        (lambda f: (f / "root.pub").write_bytes(b"junk"), r"root\.pub is damaged"),
        (lambda f: (f / "root.pub").unlink(), r"There is no .*root\.pub: run make setup"),
        (lambda f: (f / "keys.cose").write_bytes(b"junk"), r"keys\.cose cannot be used \(malf"),
        (lambda f: (f / "keys.cose").write_bytes(b""), r"keys\.cose cannot be used \(empty"),
        (
            lambda f: write_private(f / "1.pem", Ed25519PrivateKey.generate()),
            r"1\.pem is not the one in the key set",
        ),
        (
            lambda f: write_public_key(f / "root.pub", Ed25519PrivateKey.generate().public_key()),
            r"keys\.cose cannot be used \(forged",
        ),
    ],
)
def test_keys_that_cannot_be_used_are_one_sentence(folder, damage, sentence):
    damage(folder)
    with pytest.raises(KeyringError, match=sentence) as refused:
        keyring.load(folder, "test")
    assert "\n" not in str(refused.value)


def test_another_sites_key_set_is_refused(folder):
    with pytest.raises(KeyringError, match="for the site elsewhere"):
        keyring.load(folder, "elsewhere")


def test_a_running_controller_keeps_the_keys_it_has_when_new_ones_cannot_be_read(folder, caplog):
    running = Keyring(folder, "test")
    (folder / "keys.cose").write_bytes(b"junk")
    assert [running.ring.kid, running.ring.kid] == [1, 1]
    assert len(caplog.records) == 1


# --- what a running controller makes of it -------------------------------------------------------


@pytest.fixture
def inside(core, ask, admitted_pass):
    """A pass whose holder is inside, and one whose holder has not come yet."""
    first, second = admitted_pass("趙先生"), admitted_pass("錢小姐")
    store.change_pass(first.id, state=PassState.INSIDE, entered_at=NOW)
    revoking.follow_keys(core, NOW)
    return first, second


def queued(kind):
    rows = tables.Outbox.select().where(tables.Outbox.retain == True)  # noqa: E712
    messages = [decode(row.topic, bytes(row.payload), "test") for row in rows]
    return [message.document for message in messages if isinstance(message, kind)]


def test_a_rotation_is_noticed_by_the_next_pass_and_told_to_the_gates(core, inside, admitted_pass):
    keyring.rotate(core.settings.keys, "test", SECONDS + 60)
    assert core.ring.verify(admitted_pass("孫小姐").original).kid == 2
    revoking.follow_keys(core, NOW + MINUTE)
    root = public_key(core.settings.keys / "root.pub")
    [document] = queued(PassKeys)
    assert list(keysets.read(document, root, "test").in_service(SECONDS + 61)) == [1, 2]
    assert {store.pass_by_id(row.id).state for row in inside} == {"inside", "issued"}


def test_passes_of_a_retired_key_are_void_and_whoever_is_inside_is_listed(core, inside, scan):
    first, second = inside
    keyring.retire(core.settings.keys, "test", 1, SECONDS + 60)
    revoking.follow_keys(core, NOW + MINUTE)
    assert {store.pass_by_id(row.id).state for row in inside} == {PassState.REVOKED}
    [event] = tables.Event.select().where(tables.Event.what == "inside_with_retired_key")
    assert first.number in event.detail
    assert second.number not in event.detail
    assert [row.number for row in store.passes_about(NOW)] == [first.number]
    assert scan(second.original, Direction.IN).code == "revoked"
    left = scan(first.original, Direction.OUT)
    assert (left.ok, left.code) == (True, "revoked")
    [document] = queued(RevokedPasses)
    [keys] = queued(PassKeys)
    root = public_key(core.settings.keys / "root.pub")
    in_service = keysets.read(keys, root, "test").in_service(SECONDS + 61)
    listed = keyring.revocations.read(document, in_service, "test")
    assert len(listed.ids) == 2


def test_a_forger_with_a_retired_key_gets_nowhere(core, inside, scan):
    stolen = core.ring
    keyring.retire(core.settings.keys, "test", 1, SECONDS + 60)
    assert scan(minted(stolen)).code == "unknown_pass"
    token_id = bytes(tables.Pass.get_by_id(inside[1].id).token_id)
    copy = stolen.mint(token_id, Half.ORIGINAL, SECONDS, SECONDS + 3600)
    assert scan(copy, Direction.IN).code == "retired_key"  # even before the passes are void


def test_following_the_same_keys_twice_changes_nothing(core, inside):
    before = queued(PassKeys), queued(RevokedPasses), tables.Event.select().count()
    revoking.follow_keys(core, NOW + MINUTE)
    assert (queued(PassKeys), queued(RevokedPasses), tables.Event.select().count()) == before


# --- the command ---------------------------------------------------------------------------------


@pytest.fixture
def command(folder, settings):
    def run(*arguments):
        environment = os.environ | {"LOBBY_DATA": str(settings.data), "LOBBY_SITE": "test"}
        return subprocess.run(
            [sys.executable, "-m", "controller.keys", *arguments],
            env=environment,
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )

    return run


def test_the_command_lists_rotates_and_retires(command):
    assert command("list").stdout.splitlines()[0] == "1\tsigns passes"
    rotated = command("rotate").stdout.splitlines()
    assert rotated[0].startswith("1\treplaced, its passes are good until ")
    assert rotated[1] == "2\tsigns passes"
    retired = command("retire", "1").stdout.splitlines()
    assert retired[:2] == ["1\tout of service", "2\tsigns passes"]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("retire", "7"), "There is no key 7."),
        (("rotate", "--root", "/nowhere"), "The root key is not at /nowhere"),
    ],
)
def test_what_cannot_be_done_is_one_sentence(command, arguments, sentence):
    answer = command(*arguments)
    assert (answer.returncode, answer.stderr.count("\n")) == (2, 1)
    assert answer.stderr.startswith(sentence)


def test_a_visitor_who_registers_after_a_rotation_gets_a_pass_of_the_new_key(core, ask, expected):
    keyring.rotate(core.settings.keys, "test", SECONDS + 60)
    card = ask(Register(code=expected("8888"))).body.passes[0]
    assert core.ring.verify(card.token).kid == 2
