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
    group: str
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
    published: Mapping[str, Mapping[Section, SectionRow]],
    epoch: int,
    usual: str,
) -> Standing:
    """Every known board against the sections that were `published` to its group. Which that is, its
    receipts say; until the first one it is the `usual` one. A receipt of another epoch proves
    nothing."""
    shown: dict[str, dict[Section, Shown]] = {}
    groups: dict[str, str] = {}
    for receipt in receipts:
        groups[receipt.board] = receipt.group
        if receipt.epoch == epoch:
            at_board = shown.setdefault(receipt.board, {})
            at_board[receipt.section] = Shown(receipt.rev, receipt.seconds)
    screens = tuple(
        _screen(device, group, shown.get(device.device, {}), published.get(group, {}))
        for device in devices
        if device.role is Role.BOARD
        for group in [groups.get(device.device, usual)]
    )
    sections = published.get(usual, {})
    if not sections:
        return Standing(screens, rev=0, seconds=None)
    newest = max(sections.values(), key=lambda row: row.published_at)
    took = [
        screen.shown[newest.section].seconds or 0.0
        for screen in screens
        if screen.current and newest.section in screen.shown
    ]
    return Standing(screens, newest.rev, max(took, default=None))


def _screen(
    device: DeviceRow,
    group: str,
    shown: dict[Section, Shown],
    sections: Mapping[Section, SectionRow],
) -> Screen:
    behind = tuple(
        section
        for section, row in sections.items()
        if section not in shown or shown[section].rev < row.rev
    )
    return Screen(device.device, group, device.online, device.since, device.version, shown, behind)
