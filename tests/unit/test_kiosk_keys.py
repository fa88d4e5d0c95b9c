"""Scanners told from people, and the seam for input methods."""

import pytest

from kiosk.ime import BACKSPACE, Composition, Latin
from kiosk.scanner import Scanner
from tests.kiosk_story import TOKEN


def typing(text, pace, start=100.0, frame=0.0):
    """Characters with the moments at which a window hears them: at the end of their frame."""
    for index, character in enumerate(text):
        moment = start + index * pace
        yield character, (moment // frame + 1) * frame if frame else moment


def scan(text, pace, frame=0.0, silence=0.0):
    scanner = Scanner()
    moment = 0.0
    for character, moment in typing(text, pace, frame=frame):
        scanner.feed(character, "王", moment)
    return scanner.enter(moment + silence + pace), scanner.field


@pytest.mark.parametrize("frame", [0.0, 1 / 30, 0.1])
@pytest.mark.parametrize("pace", [0.001, 0.005, 0.012, 0.08])
def test_a_scanned_pass_is_recognised_at_every_speed(pace, frame):
    assert scan(TOKEN, pace, frame) == (TOKEN, "王")


@pytest.mark.parametrize("text", ["https://example.org/x", "A" * 30])
def test_a_foreign_scan_is_recognised_by_its_speed(text):
    assert scan(text, 0.005)[0] == text


@pytest.mark.parametrize("pace", [0.06, 0.1, 0.2, 1.0])
def test_a_person_who_types_a_long_name_is_no_scanner(pace):
    assert scan("Maximiliane Wilhelmine von Hohenberg", pace, 1 / 30)[0] == ""


def test_a_short_name_typed_in_one_frame_is_no_scan():
    assert scan("Wang", 0.0)[0] == ""


@pytest.mark.parametrize(("text", "silence"), [(TOKEN, 1.1), ("A" * 30, 0.3)])
def test_an_enter_long_after_the_last_key_is_a_persons(text, silence):
    assert scan(text, 0.005, silence=silence)[0] == ""


def test_a_pass_is_one_scan_although_the_machine_stalls_in_between():
    scanner = Scanner()
    scanner.feed(TOKEN[:70], "", 1.0)
    scanner.feed(TOKEN[70:], TOKEN[:70], 1.9)
    assert scanner.enter(2.0) == TOKEN
    assert scanner.field == ""


def test_the_field_is_remembered_as_it_was_before_the_scan():
    scanner = Scanner()
    for character, moment in typing("ab", 0.3, start=10.0):
        scanner.feed(character, "before", moment)
    for number, (character, moment) in enumerate(typing(TOKEN, 0.005, start=20.0)):
        scanner.feed(character, "ab" + TOKEN[:number], moment)
    assert scanner.enter(21.0) == TOKEN
    assert scanner.field == "ab"


def test_a_scanner_that_sends_no_enter_is_understood_after_its_silence():
    scanner = Scanner()
    for character, moment in typing(TOKEN, 0.005, start=10.0):
        scanner.feed(character, "", moment)
    assert scanner.silence(moment + 0.5) == ""
    assert scanner.silence(moment + 1.1) == TOKEN
    assert scanner.silence(moment + 2.2) == ""


def test_silence_after_typing_is_nothing():
    scanner = Scanner()
    scanner.feed("Wang Xiaoming, who types", "", 1.0)
    assert scanner.silence(9.0) == ""


def test_what_was_typed_is_forgotten_once_it_is_no_scan():
    scanner = Scanner()
    scanner.feed("Wang Xiaoming", "Li", 1.0)
    assert scanner.silence(1.2) == ""
    assert vars(scanner)["_burst"] == "Wang Xiaoming"
    assert scanner.silence(1.3) == ""
    assert "Wang" not in str(vars(scanner))
    assert scanner.field == ""


def test_one_scan_is_told_once():
    scanner = Scanner()
    scanner.feed(TOKEN, "", 1.0)
    assert scanner.enter(1.1) == TOKEN
    assert not scanner.enter(1.2)


def test_a_stuck_key_fills_no_memory():
    scanner = Scanner()
    for n in range(5000):
        scanner.feed("a", "", n * 0.03)
    assert len(scanner.enter(5000 * 0.03)) <= 400


def test_latin_letters_are_finished_at_once():
    assert Latin().feed("é") == Composition(commit="é")


def test_latin_leaves_backspace_to_the_field_and_offers_nothing():
    latin = Latin()
    assert not latin.feed(BACKSPACE).taken
    assert latin.choose(0) == Composition()
    assert latin.reset() is None


CARD = "BEGIN:VCARD\nN:Li\n\nTEL:138\nEND:VCARD\n"


@pytest.mark.parametrize("pace", [0.0, 0.005, 0.02])
def test_every_line_of_a_text_that_is_scanned_is_a_scanners(pace):
    scanner, read = Scanner(), []
    for character, moment in typing(CARD, pace):
        if character == "\n":
            read.append(scanner.enter(moment))
        else:
            scanner.feed(character, "王", moment)
            assert scanner.field == "王"
    assert read == ["BEGIN:VCARD", "N:Li", None, "TEL:138", "END:VCARD"]


def test_a_second_enter_after_a_scan_is_no_persons():
    scanner = Scanner()
    scanner.feed(TOKEN, "", 1.0)
    assert [scanner.enter(1.0), scanner.enter(1.01), scanner.enter(2.0)] == [TOKEN, None, ""]


def test_who_types_after_a_scan_is_a_person_again():
    scanner = Scanner()
    scanner.feed(TOKEN, "", 1.0)
    scanner.enter(1.0)
    for character, moment in typing("Li", 0.1, start=1.4):
        scanner.feed(character, "", moment)
    assert scanner.enter(moment + 0.1) == ""
