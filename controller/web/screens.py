"""What the lobby's screens really show, by their glass receipts. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from models.store import DeviceRow, ReceiptRow, SectionRow
from models.terms import Role, Section


@dataclass(frozen=True)
class Shown:
    """The revision of a section on one screen's glass, and the seconds from publishing to it."""

    rev: int
    seconds: float | None


@dataclass(frozen=True)
class Screen:
    """One board. `behind`: the sections of which it does not show the newest revision."""

    board: str
    online: bool
    since: datetime
    version: str
    shown: dict[Section, Shown]
    behind: tuple[Section, ...]

    @property
    def current(self) -> bool:
        return self.online and not self.behind


@dataclass(frozen=True)
class Standing:
    """All screens in one sentence: how many of them show the newest revision, and how fast."""

    screens: tuple[Screen, ...]
    rev: int
    seconds: float | None

    @property
    def current(self) -> int:
        return sum(screen.current for screen in self.screens)

    @property
    def lagging(self) -> list[Screen]:
        return [screen for screen in self.screens if not screen.current]

    @property
    def behind(self) -> list[str]:
        return [screen.board for screen in self.lagging]


def standing(
    devices: Iterable[DeviceRow],
    receipts: Iterable[ReceiptRow],
    sections: Mapping[Section, SectionRow],
    epoch: int,
) -> Standing:
    """Every known board against the sections as published. A receipt of another epoch proves
    nothing."""
    shown: dict[str, dict[Section, Shown]] = {}
    for receipt in receipts:
        if receipt.epoch == epoch:
            at_board = shown.setdefault(receipt.board, {})
            at_board[receipt.section] = Shown(receipt.rev, receipt.seconds)
    screens = tuple(
        _screen(device, shown.get(device.device, {}), sections)
        for device in devices
        if device.role is Role.BOARD
    )
    if not sections:
        return Standing(screens, rev=0, seconds=None)
    newest = max(sections.values(), key=lambda row: row.published_at)
    took = [screen.shown[newest.section].seconds or 0.0 for screen in screens if screen.current]
    return Standing(screens, newest.rev, max(took, default=None))


def _screen(
    device: DeviceRow, shown: dict[Section, Shown], sections: Mapping[Section, SectionRow]
) -> Screen:
    behind = tuple(
        section
        for section, row in sections.items()
        if section not in shown or shown[section].rev < row.rev
    )
    return Screen(device.device, device.online, device.since, device.version, shown, behind)
