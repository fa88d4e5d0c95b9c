"""Frozen settings: one TOML file, overridden by `LOBBY_…` variables of the environment.

`LOBBY_SETTINGS` names the file (default `lobby.toml` in the working folder; it may be absent, for
every setting has a default). A setting inside a table is `LOBBY_<TABLE>__<NAME>`.
"""

import os
import re
import tomllib
from pathlib import Path
from typing import Annotated, NamedTuple
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
)
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict
from pydantic_settings.exceptions import SettingsError as EnvironmentProblem

from models.terms import ID_PATTERN, Language, Role

Id = Annotated[str, StringConstraints(pattern=ID_PATTERN)]
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

    @property
    def link_base(self) -> str:
        """Where links in messages lead: the address others reach this page at, without a slash."""
        return self.address or f"http://{self.host}:{self.port}"


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


class Board(_Table):
    """The lobby's display."""

    id: Id = "b1"
    group: Id = "main"
    place: str = Field(default="首層大堂", max_length=40)
    window: Window = "fullscreen"
    language: Language = Language.ZH_HANT
    page_seconds: Annotated[float, Field(ge=12)] = 12
    stale_seconds: Seconds = 15


class Passes(_Table):
    """Temporary passes."""

    hours: Annotated[float, Field(gt=0, le=24)] = 3


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
    passes: Passes = Passes()
    privacy: Privacy = Privacy()

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    @property
    def fonts(self) -> Path:
        return self.data / "fonts"

    @property
    def database(self) -> Path:
        return self.data / "lobby.sqlite3"

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
