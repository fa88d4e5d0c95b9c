"""Frozen settings: one TOML file, overridden by `LOBBY_…` variables of the environment.

`LOBBY_SETTINGS` names the file (default `lobby.toml` in the working folder; it may be absent, for
every setting has a default). A setting inside a table is `LOBBY_<TABLE>__<NAME>`.
"""

import os
import re
import tomllib
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal, NamedTuple, Self
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    model_validator,
)
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict
from pydantic_settings.exceptions import SettingsError as EnvironmentProblem

from models.terms import ID_PATTERN, Language, Role

Id = Annotated[str, StringConstraints(pattern=ID_PATTERN)]
ClockTime = Annotated[str, StringConstraints(pattern=r"^(([01][0-9]|2[0-3]):[0-5][0-9])?$")]
Port = Annotated[int, Field(ge=1, le=65535)]
Seconds = Annotated[float, Field(gt=0)]


class SettingsError(Exception):
    """The settings cannot be used; the text is one sentence that says what to change."""


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Broker(_Table):
    """Where Mosquitto listens, and how devices find and trust it."""

    program: str = Field(default="mosquitto", description="Mosquitto's name or path")
    host: str = "127.0.0.1"
    port: Port = 18830
    tls_port: Port | None = Field(default=None, description="Listener for other machines")
    tls_host: str = Field(default="0.0.0.0", description="The address that listener binds")  # noqa: S104 - it is for other machines
    ca: Path | None = Field(default=None, description="Trust this CA and speak TLS to the broker")


def _web_address(text: str) -> str:
    if text and not re.fullmatch(r"https?://[\w.:\[\]-]+/?", text, re.ASCII):
        raise ValueError(f"{text!r} is not an address such as https://lobby.example.com")
    return text.rstrip("/")


class Desk(_Table):
    """The desk's page."""

    host: str = "127.0.0.1"
    port: Port = 8080
    session_hours: float = Field(default=12, gt=0, le=24 * 7)
    address: Annotated[str, AfterValidator(_web_address)] = ""
    certificate: Path | None = Field(default=None, description="Serve the page over HTTPS")
    certificate_key: Path | None = None

    @property
    def scheme(self) -> str:
        return "https" if self.certificate else "http"

    @property
    def link_base(self) -> str:
        """Where links in messages lead: the address others reach this page at, without a slash."""
        return self.address or f"{self.scheme}://{self.host}:{self.port}"


class Geometry(NamedTuple):
    """A window's place and size in pixels; no size means the whole screen."""

    width: int = 0
    height: int = 0
    left: int = 0
    top: int = 0
    framed: bool = True


_GEOMETRY = re.compile(r"(\d{3,5})x(\d{3,5})\+(\d{1,5})\+(\d{1,5})(!?)")


def geometry(window: str) -> Geometry:
    """Read a window setting. Raises ValueError with the two ways it can be written."""
    if window == "fullscreen":
        return Geometry()
    if not (match := _GEOMETRY.fullmatch(window)):
        raise ValueError(
            "say fullscreen, or a size and place such as 540x960+40+40 "
            "(with ! at the end for a window without a frame)"
        )
    width, height, left, top = (int(part) for part in match.groups()[:4])
    return Geometry(width, height, left, top, framed=not match[5])


def _readable_geometry(window: str) -> str:
    geometry(window)
    return window


Window = Annotated[str, AfterValidator(_readable_geometry)]


class Kiosk(_Table):
    """The visitors' touchscreen."""

    id: Id = "k1"
    window: Window = "fullscreen"
    language: Language = Language.ZH_HANT
    idle_warning: Seconds = 45
    idle_wipe: Seconds = 15
    pass_seconds: Seconds = 60
    camera: str = Field(default="", description="a video device that reads codes: /dev/video0")
    speech: str = Field(default="espeak-ng", description="a speech engine's name or path")
    rime: str = Field(default="librime.so.1", description="librime's name or path")
    zinnia: str = Field(default="libzinnia.so.0", description="zinnia's name or path")


class Board(_Table):
    """The lobby's display."""

    id: Id = "b1"
    group: Id = "main"
    place: str = Field(default="首層大堂", max_length=40)
    window: Window = "fullscreen"
    language: Language = Language.ZH_HANT
    page_seconds: Annotated[float, Field(ge=12)] = 12
    stale_seconds: Seconds = 15
    rotation: Literal[0, 90, 180, 270] = 0
    night_from: ClockTime = ""
    night_until: ClockTime = ""
    night_light: Annotated[float, Field(ge=0.7, le=1)] = 1


class Gate(_Table):
    """A gate (門崗): its page, and its scanner where that is a serial device."""

    id: Id = "g1"
    place: str = Field(default="正門", max_length=40)
    host: str = "127.0.0.1"
    port: Port = 8090
    session_hours: float = Field(default=12, gt=0, le=24 * 7)
    serial: str = Field(default="", description="A scanner's serial device")
    certificate: Path | None = Field(default=None, description="Serve the page over HTTPS")
    certificate_key: Path | None = None


class Passes(_Table):
    """Temporary passes."""

    hours: Annotated[float, Field(gt=0, le=24)] = 3
    closing: ClockTime = "18:30"


class PrinterKind(StrEnum):
    """How a printer is reached: as ESC/POS over a socket, USB, a serial line or a device file, or
    with pages through CUPS."""

    NONE = "none"
    NETWORK = "network"
    USB = "usb"
    SERIAL = "serial"
    FILE = "file"
    CUPS = "cups"


_NEEDED = {
    PrinterKind.NETWORK: "host",
    PrinterKind.USB: "device",
    PrinterKind.SERIAL: "device",
    PrinterKind.FILE: "device",
    PrinterKind.CUPS: "queue",
}
USB_DEVICE = re.compile(r"([0-9a-f]{4}):([0-9a-f]{4})", re.ASCII | re.IGNORECASE)
"""A USB printer's vendor and product, as `lsusb` says them: 04b8:0e15."""


class Printer(_Table):
    """A printer of slips with 203 dots an inch. `width`: dots across, 576 on paper of 80 mm and
    384 on 58 mm; `patience`: seconds for connecting, and for sending one slip."""

    kind: PrinterKind = PrinterKind.NONE
    host: str = ""
    port: Port = 9100
    device: str = ""
    queue: str = Field(default="", pattern=r"^[^-/#\s][^/#\s]*$|^$")
    width: Literal[384, 576] = 576
    patience: Annotated[float, Field(gt=0, le=120)] = 10

    @model_validator(mode="after")
    def _reachable(self) -> Self:
        needed = _NEEDED.get(self.kind)
        if needed and not getattr(self, needed):
            raise ValueError(f"a printer of the kind {self.kind} needs its {needed}")
        if self.kind is PrinterKind.USB and not USB_DEVICE.fullmatch(self.device):
            raise ValueError(f"{self.device!r} is not a USB device such as 04b8:0e15")
        return self


class DeskPrinter(Printer):
    """The desk's printer, and those of `kiosks` by the kiosk's id. With `auto`, each pass is
    printed as soon as it is issued."""

    auto: bool = False
    kiosks: dict[Id, Printer] = {}


Counter = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=20)]


class Queue(_Table):
    """Residents' queue numbers, and the counters they are called to."""

    counters: Annotated[tuple[Counter, ...], Field(min_length=1, max_length=20)] = ("櫃檯",)
    call_seconds: Annotated[float, Field(ge=5, le=600)] = 60


class Shift(_Table):
    """When the desk is never to be empty. `weekdays` are digits, 0 is Monday; none of them for an
    office that does not watch this."""

    opens: Annotated[ClockTime, Field(min_length=1)] = "08:30"
    closes: Annotated[ClockTime, Field(min_length=1)] = "18:00"
    weekdays: Annotated[str, StringConstraints(pattern=r"^[0-6]*$")] = "01234"


class Webhooks(_Table):
    """Where other programs may be told of what happens. With `local` also without encryption, and
    inside this network."""

    local: bool = False


class HomeAssistant(_Table):
    """Whether Home Assistant finds the lobby by itself: under its discovery prefix, if at all."""

    prefix: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{0,40}$")] = ""


class Privacy(_Table):
    """For how long it is known who came."""

    keep_days: Annotated[int, Field(ge=1, le=3650)] = 30


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise ValueError(f"{name!r} is not a time zone such as Asia/Shanghai") from None
    return name


class Settings(BaseSettings):
    """Everything that differs from one office to another."""

    model_config = SettingsConfigDict(
        env_prefix="LOBBY_", env_nested_delimiter="__", frozen=True, extra="forbid"
    )

    site: Id = "hq"
    name: str = Field(default="恒泰物業", max_length=40)
    timezone: Annotated[str, AfterValidator(_known_zone)] = "Asia/Shanghai"
    data: Path = Path("var")
    broker: Broker = Broker()
    desk: Desk = Desk()
    kiosk: Kiosk = Kiosk()
    board: Board = Board()
    gate: Gate = Gate()
    passes: Passes = Passes()
    printer: DeskPrinter = DeskPrinter()
    queue: Queue = Queue()
    shift: Shift = Shift()
    webhooks: Webhooks = Webhooks()
    home_assistant: HomeAssistant = HomeAssistant()
    privacy: Privacy = Privacy()

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    @property
    def fonts(self) -> Path:
        return self.data / "fonts"

    @property
    def rime(self) -> Path:
        """The folder of what Chinese input needs, made by set-up. Nothing typed gets there."""
        return self.data / "rime"

    @property
    def keys(self) -> Path:
        """The folder of the keys that passes are signed with; the controller's alone."""
        return self.data / "keys"

    @property
    def database(self) -> Path:
        return self.data / "lobby.sqlite3"

    @property
    def first_password(self) -> Path:
        """The file with the password that set-up made for the first administrator, until that is
        changed."""
        return self.data / "credentials" / "desk-first-password"

    def credential(self, role: Role, device: str) -> Path:
        """The file with the broker password of one device."""
        return self.data / "credentials" / f"{role}-{device}"

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        # What the TOML file says arrives as keyword arguments, and the environment overrides it.
        return env_settings, init_settings


def load(path: Path | None = None) -> Settings:
    """The settings of this process. Raises SettingsError with one clear sentence."""
    named = path or os.environ.get("LOBBY_SETTINGS")
    file = Path(named or "lobby.toml")
    try:
        values = tomllib.loads(file.read_text("utf-8")) if named or file.exists() else {}
    except FileNotFoundError:
        raise SettingsError(f"The settings file {file} does not exist.") from None
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"The settings file {file} cannot be read: {error}.") from None
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"The settings file {file} is not valid TOML: {error}.") from None
    try:
        return Settings(**values)
    except EnvironmentProblem as error:
        raise SettingsError(f"A LOBBY_… variable cannot be read: {error}.") from None
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        problem = first["msg"].removeprefix("Value error, ")
        where = ".".join(str(part) for part in first["loc"])
        raise SettingsError(
            f"The setting {where} in {file} or the environment is wrong: {problem}."
        ) from None
