"""Every setting of the programs, by what it is about. Values go to constructors one by one, never as a whole."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Final, Literal, TypeVar

import msgspec
from msgspec import Meta

from trunkline.contract import InvalidSettings
from trunkline.gateway.federation.settings import UpstreamSettings, parse
from trunkline.infra import settings
from trunkline.infra.data_dir import DataDir

T = TypeVar("T")


class Listen(msgspec.Struct, frozen=True):
    """Where the gateway is reached."""

    host: Annotated[str, Meta(description="Address to listen on.")] = "127.0.0.1"
    port: Annotated[int, Meta(ge=1, le=65535, description="Port of /mcp, status page and health checks.")] = 8000
    open_port: Annotated[
        int,
        Meta(ge=0, le=65535, description="Second port, on 127.0.0.1, that asks for no token. 0 is off."),
    ] = 0
    public_host: Annotated[
        str, Meta(description="Further host name that clients may reach this by (behind a proxy).")
    ] = ""


class Storage(msgspec.Struct, frozen=True):
    """Where things are kept, and where API descriptions come from."""

    data_dir: Annotated[str, Meta(description="Folder of the catalog, the database, the key file and the log.")] = ""
    cache_dir: Annotated[str, Meta(description="Folder of downloads; by default `cache` in the data directory.")] = ""
    spec_mirror: Annotated[
        str, Meta(description="Folder of API descriptions that are not published as packages; empty leaves them out.")
    ] = ""


class Calls(msgspec.Struct, frozen=True):
    """How calls are made."""

    sandbox: Annotated[bool, Meta(description="Answer every call from the API descriptions; nothing leaves.")] = False
    sandbox_url: Annotated[
        str, Meta(description="http://host:port of a sandbox that runs already; by default one is started.")
    ] = ""
    topology: Annotated[
        Literal["child", "monolith"],
        Meta(description="Category servers as child processes, or all in the gateway's process."),
    ] = "child"
    idle_seconds: Annotated[
        float, Meta(ge=1, description="A category server that had no call for so long is stopped.")
    ] = 300.0
    call_seconds: Annotated[float, Meta(ge=0.1, le=3600, description="Longest time for one call.")] = 60.0


class Logging(msgspec.Struct, frozen=True):
    """What is written down."""

    log_level: Annotated[
        Literal["debug", "info", "warning", "error"],
        Meta(description="Least important messages that are logged."),
    ] = "info"


KINDS: Final = (Listen, Storage, Calls, Logging)
TABLES: Final = ("upstreams", "toolsets")


class Settings(msgspec.Struct, frozen=True):
    """All settings of one start, checked."""

    listen: Listen
    storage: Storage
    calls: Calls
    logging: Logging
    upstreams: tuple[UpstreamSettings, ...]
    toolsets: Mapping[str, tuple[str, ...]]

    @property
    def data(self) -> DataDir:
        named = self.storage.data_dir
        return DataDir(Path(named).expanduser().absolute() if named else settings.default_data_dir())

    @property
    def cache(self) -> Path:
        named = self.storage.cache_dir
        return Path(named).expanduser().absolute() if named else self.data.cache

    @property
    def mirror(self) -> Path | None:
        return Path(self.storage.spec_mirror).expanduser().absolute() if self.storage.spec_mirror else None


def load(given: settings.Sources) -> Settings:
    """Reads and checks everything. Raises `InvalidSettings`."""
    settings.check_names(KINDS, given, TABLES)
    return Settings(
        settings.load(Listen, given),
        settings.load(Storage, given),
        settings.load(Calls, given),
        settings.load(Logging, given),
        parse(_table(given, "upstreams", dict[str, dict[str, Any]])),
        _table(given, "toolsets", dict[str, tuple[str, ...]]),
    )


def _table(given: settings.Sources, name: str, kind: type[T]) -> T:
    raw: Any = given.file.get(name, {})
    try:
        return msgspec.convert(raw, kind)
    except msgspec.ValidationError as fault:
        raise InvalidSettings(f"{given.file_path}: [{name}]: {fault}.", "docs/settings.md shows the table.") from None
