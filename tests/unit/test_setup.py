"""Set-up makes what is missing, once, and says what is wrong in a sentence."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from fontTools.ttLib import TTCollection, TTFont

from controller import keyring, setup
from controller.keyfiles import write_private
from controller.setup import SetupError
from models import store
from models.files import replacing
from models.terms import DeskRole, Role
from tests.parts import ROOT

NOTO = Path("/usr/share/fonts/opentype/noto")


def content(folder):
    """What set-up made and must not touch again, by path."""
    places = [folder / "keys", folder / "credentials"]
    return {file: file.read_bytes() for place in places for file in place.iterdir()}


def test_the_first_set_up_makes_everything_and_the_second_nothing(settings):
    made = list(setup.prepare(settings))
    # Keys, devices, the operator's PIN, the gate's root and PIN, the database, the administrator.
    assert len(made) == 2 + 5 + 1 + 2 + 1 + 1
    before = content(settings.data)
    assert list(setup.prepare(settings)) == []
    assert content(settings.data) == before


def test_what_set_up_keeps_is_for_its_owner_alone(settings):
    list(setup.prepare(settings))
    assert settings.data.stat().st_mode & 0o777 == 0o700
    public = {settings.keys / "root.pub", settings.keys / "keys.cose"}
    assert {file for file in content(settings.data) if file.stat().st_mode & 0o077} == public


def test_the_pass_key_is_an_ed25519_key_named_after_its_kid(settings):
    list(setup.prepare(settings))
    pem = (settings.data / "keys" / "1.pem").read_bytes()
    assert isinstance(load_pem_private_key(pem, None), Ed25519PrivateKey)


def test_the_pass_key_of_a_version_without_key_sets_is_taken_over(settings):
    settings.keys.mkdir()
    key = Ed25519PrivateKey.generate()
    write_private(settings.keys / "2.pem", key)
    list(setup.prepare(settings))
    assert not (settings.keys / "1.pem").exists()
    ring = keyring.load(settings.keys, settings.site)
    assert (ring.kid, ring.keys.keys) == (2, {2: key.public_key()})


def test_the_demonstration_comes_with_a_desk_sign_in(settings):
    list(setup.prepare(settings))
    store.open_database(settings.database)
    try:
        assert store.user(store.DEMO_USER)
        assert store.people()
        assert store.rooms()
        assert store.cars()
    finally:
        store.close_database()


def test_an_office_with_staff_of_its_own_gets_no_demonstration(settings):
    settings.data.mkdir(exist_ok=True)
    store.open_database(settings.database)
    store.add_user("chen", "陳", "not a hash", DeskRole.ADMINISTRATOR)
    store.close_database()
    list(setup.prepare(settings))
    store.open_database(settings.database)
    try:
        assert store.user("chen")
        assert not store.people()
        assert not store.user(store.DEMO_USER)
    finally:
        store.close_database()


def test_a_kiosk_with_a_new_id_gets_a_credential_and_the_others_keep_theirs(settings):
    list(setup.prepare(settings))
    before = content(settings.data)
    renamed = settings.kiosk.model_copy(update={"id": "k7"})
    assert (
        len(list(setup.prepare(settings.model_copy(update={"kiosk": renamed})))) == 2
    )  # with its PIN
    assert settings.credential(Role.KIOSK, "k7").exists()
    assert before.items() <= content(settings.data).items()


@pytest.mark.parametrize(
    ("face", "family"), [("TC", "Noto Sans CJK TC"), ("SC", "Noto Sans CJK SC")]
)
@pytest.mark.parametrize("weight", ["Regular", "Bold"])
def test_each_font_is_the_face_its_name_says(settings, face, family, weight):
    with TTFont(settings.fonts / f"{face}-{weight}.otf", lazy=True) as font:
        assert font["name"].getBestFamilyName() == family
        assert font["name"].getBestSubFamilyName() == weight
        assert {ord("直"), ord("返"), ord("恒"), ord("册")} <= font.getBestCmap().keys()


def test_a_font_has_every_character_of_its_face_and_no_shared_outlines(settings):
    with TTCollection(NOTO / "NotoSansCJK-Bold.ttc", lazy=True) as collection:
        whole = next(f for f in collection if f["name"].getBestFamilyName() == "Noto Sans CJK SC")
        characters = whole.getBestCmap().keys()
    with TTFont(settings.fonts / "SC-Bold.otf", lazy=True) as font:
        assert font.getBestCmap().keys() == characters
        outlines = font["CFF "].cff[0]
        assert len(outlines.GlobalSubrs) == 0
        assert not any(hasattr(part.Private, "Subrs") for part in outlines.FDArray)


def test_a_font_that_an_earlier_version_left_whole_is_made_anew(settings):
    made = settings.fonts.resolve()
    settings.fonts.unlink()
    settings.fonts.mkdir()
    for file in made.iterdir():
        (settings.fonts / file.name).symlink_to(file)
    old = settings.fonts / "TC-Bold.otf"
    old.unlink()
    old.symlink_to(NOTO / "NotoSansCJK-Bold.ttc")
    assert list(setup.fonts(settings)) == [f"A font: {old}"]
    assert old.stat().st_size == (made / old.name).stat().st_size
    assert list(setup.fonts(settings)) == []


def test_a_machine_without_the_fonts_is_told_what_to_install(settings, tmp_path):
    settings.fonts.unlink()
    with pytest.raises(SetupError, match="apt-get install fonts-noto-cjk"):
        list(setup.fonts(settings, tmp_path))


@pytest.mark.parametrize("damage", [b"", b"ttcf and no more"])
def test_a_damaged_collection_is_named_and_leaves_no_half_font(settings, tmp_path, damage):
    settings.fonts.unlink()
    (tmp_path / "NotoSansCJK-Regular.ttc").write_bytes(damage)
    with pytest.raises(SetupError, match=r"NotoSansCJK-Regular\.ttc cannot be used"):
        list(setup.fonts(settings, tmp_path))
    assert list(settings.fonts.iterdir()) == []


def test_a_database_that_is_none_is_left_as_it_is_and_named(settings):
    settings.database.write_bytes(b"this is not a database, but somebody may want it back" * 99)
    before = settings.database.read_bytes()
    with pytest.raises(SetupError, match=r"lobby\.sqlite3 cannot be used"):
        list(setup.prepare(settings))
    assert settings.database.read_bytes() == before


def test_a_write_that_fails_halfway_leaves_the_old_content_and_no_scratch(tmp_path):
    file = tmp_path / "precious"
    file.write_text("old")

    def fail_halfway():
        with replacing(file) as scratch:
            scratch.write_text("ne")
            raise OSError("the disk is full")

    with pytest.raises(OSError, match="full"):
        fail_halfway()
    assert {f.name: f.read_text() for f in tmp_path.iterdir()} == {"precious": "old"}


def run(**environment):
    return subprocess.run(
        [sys.executable, "-m", "controller.setup"],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_command_says_what_it_made_line_by_line(settings):
    first = run(LOBBY_DATA=str(settings.data))
    assert (first.returncode, first.stderr) == (0, "")
    assert len(first.stdout.splitlines()) == 12
    again = run(LOBBY_DATA=str(settings.data))
    assert (again.returncode, again.stdout, again.stderr) == (0, "", "")


def test_a_data_folder_that_cannot_be_made_is_one_sentence(tmp_path):
    (tmp_path / "file").write_text("in the way")
    refused = run(LOBBY_DATA=str(tmp_path / "file" / "var"))
    assert refused.returncode == 1
    assert refused.stderr == f"{tmp_path / 'file' / 'var'}: Not a directory.\n"


def test_settings_that_cannot_be_used_are_one_sentence():
    refused = run(LOBBY_SITE="Head Office")
    assert refused.returncode == 2
    assert len(refused.stderr.splitlines()) == 1
