"""One TOML file, the environment, and a clear sentence for whatever is wrong with either."""

import json
import re
import tomllib

import pytest

from controller.plans import as_toml
from models.settings import Settings, SettingsError, geometry, load
from tests.parts import ROOT

EXAMPLE = (ROOT / "lobby.toml.example").read_text("utf-8")
SETTING = re.compile(r"^# ([a-z_]+ = .+)$", re.MULTILINE)


@pytest.fixture(autouse=True)
def _elsewhere(monkeypatch, tmp_path):
    """Nobody's lobby.toml but the test's."""
    monkeypatch.chdir(tmp_path)


def write(tmp_path, text):
    file = tmp_path / "lobby.toml"
    file.write_text(text, "utf-8")
    return file


def test_every_setting_has_a_default():
    assert load() == Settings()


def test_a_setting_of_the_file_holds(tmp_path):
    write(tmp_path, 'site = "east"\n[broker]\nport = 1999\n')
    settings = load()
    assert (settings.site, settings.broker.port) == ("east", 1999)
    assert settings.broker.host == Settings().broker.host


def test_the_environment_goes_before_the_file(tmp_path, monkeypatch):
    write(tmp_path, '[broker]\nport = 1999\nhost = "lobby.example"\n')
    monkeypatch.setenv("LOBBY_BROKER__PORT", "2999")
    settings = load()
    assert settings.broker.port == 2999
    assert settings.broker.host == "lobby.example"


def test_the_environment_can_name_another_file(tmp_path, monkeypatch):
    other = tmp_path / "east.toml"
    other.write_text('site = "east"', "utf-8")
    monkeypatch.setenv("LOBBY_SETTINGS", str(other))
    assert load().site == "east"


@pytest.mark.parametrize(
    ("text", "about"),
    [
        ("site = ", "not valid TOML"),
        ('site = "Head Office"', "site"),
        ('sight = "hq"', "sight"),
        ("[broker]\nport = 70000", "broker.port"),
        ("[broker]\nprot = 1", "broker.prot"),
        ('timezone = "Mars/Base"', "Mars/Base"),
        ('[kiosk]\nwindow = "big"', "540x960+40+40"),
        ("[board]\npage_seconds = 3", "board.page_seconds"),
    ],
)
def test_a_wrong_file_is_refused_in_one_sentence_that_names_the_trouble(tmp_path, text, about):
    write(tmp_path, text)
    with pytest.raises(SettingsError) as refusal:
        load()
    sentence = str(refusal.value)
    assert about in sentence
    assert "\n" not in sentence
    assert sentence.endswith(".")


def test_a_file_that_was_named_must_exist(tmp_path):
    with pytest.raises(SettingsError, match="does not exist"):
        load(tmp_path / "missing.toml")


def test_a_file_that_is_no_text_is_refused(tmp_path):
    (tmp_path / "lobby.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(SettingsError, match="cannot be read"):
        load()


def test_a_folder_in_the_files_place_is_refused(tmp_path):
    (tmp_path / "lobby.toml").mkdir()
    with pytest.raises(SettingsError, match="cannot be read"):
        load()


def test_a_wrong_variable_is_refused_in_one_sentence(monkeypatch):
    monkeypatch.setenv("LOBBY_BROKER__PORT", "many")
    with pytest.raises(SettingsError, match=r"broker\.port"):
        load()


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("fullscreen", (0, 0, 0, 0, True)),
        ("540x960+40+50", (540, 960, 40, 50, True)),
        ("1080x1920+0+0!", (1080, 1920, 0, 0, False)),
    ],
)
def test_a_window_is_a_size_and_a_place_or_the_whole_screen(said, meant):
    assert geometry(said) == meant


def settings_of(model, prefix=""):
    for name, field in model.model_fields.items():
        inner = field.annotation
        if hasattr(inner, "model_fields"):
            yield from settings_of(inner, f"{name}.")
        else:
            yield prefix + name


def test_the_example_names_every_setting_and_no_other():
    shown = tomllib.loads(SETTING.sub(r"\1", EXAMPLE))
    named = set()
    for name, value in shown.items():
        named |= {f"{name}.{inner}" for inner in value} if isinstance(value, dict) else {name}
    assert named == set(settings_of(Settings))


def test_the_example_shows_the_defaults():
    no_default = {"tls_port", "ca"}
    shown = tomllib.loads(SETTING.sub(r"\1", EXAMPLE))
    for name in no_default:
        del shown["broker"][name]
    for name in ("address", "certificate", "certificate_key"):
        del shown["desk"][name]
    del shown["kiosk"]["camera"]
    for name in ("night_from", "night_until", "night_light"):
        del shown["board"][name]
    del shown["printer"]["kiosks"]
    del shown["home_assistant"]["prefix"]
    for name in ("serial", "certificate", "certificate_key"):
        del shown["gate"][name]
    assert Settings(**shown) == Settings()


def test_the_example_as_it_stands_changes_nothing(tmp_path):
    write(tmp_path, EXAMPLE)
    assert load() == Settings()


def test_settings_written_as_toml_are_read_back_the_same(tmp_path):
    settings = Settings(
        name='恒泰 "物業" \\ 分公司',
        data=tmp_path,
        broker={"tls_port": 8883, "ca": tmp_path / "ca.crt"},
        passes={"hours": 1.5},
        printer={
            "kind": "cups",
            "queue": "slips",
            "kiosks": {"k2": {"kind": "network", "host": "10.0.0.9", "width": 384}},
        },
    )
    assert load(write(tmp_path, as_toml(settings))) == settings


@pytest.mark.parametrize(
    ("said", "named"),
    [
        ({"kind": "network"}, "host"),
        ({"kind": "usb", "device": "printer"}, "04b8:0e15"),
        ({"kind": "serial"}, "device"),
        ({"kind": "cups"}, "queue"),
        ({"kind": "cups", "queue": "-o raw"}, "queue"),
        ({"width": 500}, "width"),
    ],
)
def test_a_printer_that_cannot_be_reached_so_is_refused_in_words(tmp_path, said, named):
    lines = "".join(f"{name} = {json.dumps(value)}\n" for name, value in said.items())
    with pytest.raises(SettingsError, match=r"printer.*" + named):
        load(write(tmp_path, "[printer]\n" + lines))
