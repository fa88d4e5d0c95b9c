"""The board's colours and sizes, for any window. Pure.

Everything is designed on a short side of 1080 and scales with it, so that a panel shows the same
millimetres whichever way it hangs. Body type is 3.5 % of that side, never less.
"""

import math
from dataclasses import dataclass
from enum import StrEnum

from models.terms import PANELS, Section

GROUND = "#0D1522"
PANEL = "#142033"
LINE = "#24344D"
ALERT = "#D7263D"
ALERT_GROUND = "#8F1322"
"""Dark enough that text on it has the contrast of 7:1 that the alert's own red lacks."""


class Tone(StrEnum):
    """A colour by what it says. Wherever one means something, a word stands beside it."""

    TEXT = "#F4F1E8"
    MUTED = "#9FB0C6"
    BLUE = "#5BC0EB"
    GREEN = "#9BE564"
    AMBER = "#FFD166"
    CORAL = "#F4978E"


SECTION_TONES = {
    Section.VEHICLES: Tone.BLUE,
    Section.WHEREABOUTS: Tone.GREEN,
    Section.VISITS: Tone.AMBER,
    Section.REMINDERS: Tone.CORAL,
}
LINE_HEIGHT = 0.8
"""Of wrapped lines, as a part of the font's own, which leaves more air than two lines need."""
GLOW = (Tone.AMBER, 0.18)
"""What lies under a row that was just published, at its left end; it fades out to the right."""


@dataclass(frozen=True)
class Box:
    """A rectangle in pixels from the window's top left."""

    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True)
class Type:
    """Font sizes in pixels. Each costs about 4 MB of memory, so there are four, and one more while
    there is an emergency."""

    alarm: int
    hero: int
    head: int
    body: int
    small: int


class Metrics:
    """All sizes for a window of `width` × `height` pixels."""

    def __init__(self, width: int, height: int) -> None:
        self.width, self.height = width, height
        self.portrait = height > width
        self.unit = min(width, height) / 1080
        self.type = Type(*(math.ceil(size * self.unit) for size in (132, 66, 42, 37.8, 30)))
        self.margin = self.px(32 if self.portrait else 48)
        self.header = self.px(176 if self.portrait else 112)
        self.footer = self.px(84)
        self.gap = self.px(20 if self.portrait else 24)
        self.pad = self.px(28)
        self.row = self.px(73)
        self.lift = self.px(2)
        self.tall_row = self.px(103)
        self.above_rows = self.px(88)
        self.below_rows = self.px(8)
        self.column_gap = self.px(24)
        self.chip = self.px(54)
        self.tall_chip = self.px(96)
        self.widest_chip = 4.6 * self.type.body
        self.chip_pad = self.px(18)
        self.takeover = self.px(96)

    def px(self, units: float) -> int:
        """A length of the design in this window's pixels, at least one."""
        return max(1, int(units * self.unit))

    def panels(self) -> dict[Section, Box]:
        """Where the sections stand: two by two, or stacked in portrait."""
        left, right, gap = self.margin, self.width - self.margin, self.gap
        top, bottom = self.header + gap, self.height - self.footer - gap
        if self.portrait:
            height = (bottom - top - 3 * gap) // 4
            return {
                section: Box(left, top + number * (height + gap), right - left, height)
                for number, section in enumerate(PANELS)
            }
        height = (bottom - top - gap) // 2
        # The left column is a little wider: a trip has more to say than a person.
        wide = int((right - left - gap) * 1.2 / 2.2)
        columns = [(left, wide), (left + wide + gap, right - left - gap - wide)]
        return {
            section: Box(
                columns[number % 2][0],
                top + number // 2 * (height + gap),
                columns[number % 2][1],
                height,
            )
            for number, section in enumerate(PANELS)
        }
