"""Prompts read aloud, where a speech engine is installed: espeak-ng, or what takes its arguments.

Only our own words are ever spoken, never what a visitor has typed or whom they visit: everybody in
the lobby hears it. The engine is a process of its own and nobody waits for it.
"""

import logging
import shutil
import subprocess
from collections.abc import Callable
from contextlib import suppress

from kiosk.terms import Dialog, Screen, State
from models.terms import Language
from models.words import catalogue

log = logging.getLogger(__name__)

_MANDARIN = "cmn-latn-pinyin"
"""Not plain `cmn`, which reads most characters as English letters in Debian 12's espeak-ng 1.51."""
_VOICES = {Language.ZH_HANT: _MANDARIN, Language.ZH_HANS: _MANDARIN, Language.EN: "en"}
_SPEED = "150"
"""Words a minute, somewhat slower than the engine's own."""
_PROMPTS = {
    Screen.WAITING: ("waiting_desk",),
    Screen.PASS: ("pass_title", "pass_hint"),
    Screen.NAMES: ("names_lead",),
    Screen.HOST: ("host_title",),
    Screen.PAPERS: ("procedure_lead",),
    Screen.WELCOME: ("welcome_title", "welcome_lead"),
}
"""Where it is not a screen's title and lead: those that hold a name or a number are left out."""
Words = Callable[..., str]


def prompt(state: State, tr: Words) -> str:
    """What is to be said of where the visitor is; a question or a problem before all else."""
    if state.dialog in {Dialog.CANCEL, Dialog.AIDS}:
        return tr(f"{state.dialog}_title")
    if state.dialog is Dialog.IDLE:
        return tr("idle_title")
    if state.error:
        return tr(f"error_{state.error}")
    if state.outcome:
        return _spoken(state, (f"answer_{state.outcome}_title",), tr)
    keys = _PROMPTS.get(state.screen, (f"{state.screen}_title", f"{state.screen}_lead"))
    return _spoken(state, keys, tr)


def _spoken(state: State, keys: tuple[str, ...], tr: Words) -> str:
    """Those of our words that exist and have no place for somebody's name."""
    said = catalogue(state.language)
    plain = (key for key in keys if "{" not in said.get(f"kiosk.{key}", "{"))
    return " ".join(tr(key) for key in plain).replace("\n", " ")


class Voice:
    """Speaks one prompt at a time: a new one ends the one before. On the UI thread."""

    def __init__(self, program: str) -> None:
        self._program = shutil.which(program)
        self._said = ""
        self._speaking: subprocess.Popen[bytes] | None = None
        if self._program is None:
            log.info("no prompts are read aloud: %s is not installed", program)

    @property
    def there(self) -> bool:
        return self._program is not None

    def follow(self, state: State, tr: Words) -> None:
        """Say what is new; nothing to a visitor who has not asked for it."""
        words = prompt(state, tr) if state.aids.speech and self.there else ""
        if words == self._said:
            return
        self._said = words
        self.hush()
        if words:
            self._speak(words, _VOICES[state.language])

    def hush(self) -> None:
        """Be silent at once."""
        if self._speaking is not None:
            self._speaking.kill()
            self._speaking.wait()
            self._speaking = None

    def _speak(self, words: str, voice: str) -> None:
        command = [str(self._program), "-v", voice, "-s", _SPEED, "--", words]
        with suppress(OSError):
            self._speaking = subprocess.Popen(  # noqa: S603 - the operator names it
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
