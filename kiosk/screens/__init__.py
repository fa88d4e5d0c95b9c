"""How the kiosk's screens look: one kv file each. Loaded by `load`, built by `build`."""

from pathlib import Path
from typing import Any

from kivy.factory import Factory
from kivy.lang import Builder
from kivy.lang.parser import global_idmap

from kiosk import icons, keyboard, touches, widgets
from kiosk.state import KioskState
from kiosk.terms import Screen
from kiosk.theme import Theme

_HERE = Path(__file__).parent
_PARTS = {
    icons: ("Icon",),
    keyboard: ("CandidateBar", "Keyboard", "Pad", "Slate"),
    touches: ("Touches",),
    widgets: (
        *("Badge", "FilledGrid", "FilledRow", "Key", "Page", "Pill", "Qr"),
        *("Tappable", "Text", "Tiles"),
    ),
}


def load(kiosk: KioskState, ui: Theme) -> None:
    """Make `kiosk` and `ui` known to every rule built from now on, and read the rules once."""
    global_idmap["kiosk"], global_idmap["ui"] = kiosk, ui
    for module, names in _PARTS.items():
        for name in names:
            Factory.register(name, cls=getattr(module, name))
    shared = [_HERE.parent / f"{name}.kv" for name in ("theme", "keyboard", "root")]
    for file in [*shared, *sorted(_HERE.glob("*.kv"))]:
        if str(file) not in Builder.files:
            Builder.load_file(str(file))


def build(screen: str) -> Any:
    """A new widget for a screen: nothing of an earlier visitor can be left in it."""
    return Factory.get(f"{Screen(screen).title()}Screen")()
