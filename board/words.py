"""Texts as the board draws them, and how wide they are."""

from pathlib import Path

from kivy.core.text import Label as Ruler
from kivy.event import EventDispatcher
from kivy.lang import global_idmap
from kivy.properties import BooleanProperty, StringProperty
from kivy.uix.label import Label

from models.display import measure
from models.display.theme import Tone
from models.typeset import Measure


def ruler(font: str, size: int, *, bold: bool = False) -> Measure:
    """How wide a text is drawn in this font, in pixels."""
    label = Ruler(font_name=font, font_size=size, bold=bold)
    label.resolve_font_name()
    return measure.ruler(Path(label.options["font_name_r"]), size)


class Dusk(EventDispatcher):  # type: ignore[misc]  # Kivy has no types
    """Whether the screen is dimmed: then every text is drawn in the one tone that keeps its
    contrast. The words beside each colour say the same."""

    on = BooleanProperty(False)


global_idmap["dusk"] = Dusk()


class Words(Label):  # type: ignore[misc]  # Kivy has no types
    """A text in one tone. `test_id` names it for tests and for the tour."""

    test_id = StringProperty("")
    tone = StringProperty(Tone.TEXT)
