"""Every setting of the programs, by what it is about. Values go to constructors one by one, never as a whole."""

from pathlib import Path
from typing import Annotated, Any, Final, Literal
from urllib.parse import urlsplit

import msgspec
from msgspec import Meta

from trunkline.connections.keys.settings import KeySettings
from trunkline.contract import InvalidSettings
from trunkline.gateway.federation.settings import UpstreamSettings, parse
from trunkline.gateway.settings import GatewaySettings
from trunkline.identity.signin.settings import Provider
from trunkline.identity.signin.settings import parse as providers
from trunkline.infra import settings
from trunkline.infra.data_dir import DataDir
from trunkline.infra.location import Location, PostgreSQL, masked


class Listen(msgspec.Struct, frozen=True):
    """Where the gateway is reached."""

    host: Annotated[str, Meta(description="Address to listen on.")] = "127.0.0.1"
    port: Annotated[int, Meta(ge=1, le=65535, description="Port of /mcp, status page and health checks.")] = 8000
    open_port: Annotated[
        int,
        Meta(ge=0, le=65535, description="Second port, on 127.0.0.1, that asks for no token. 0 is off."),
    ] = 0
    public_url: Annotated[
        str,
        Meta(
            description="URL under which browsers and clients reach this gateway, without a path; https, or loopback."
        ),
    ] = ""

    @property
    def url(self) -> str:
        """Where browsers and clients reach us: scheme, host and port, without a slash at the end."""
        return self.public_url.rstrip("/") or f"http://{self.shown_host}:{self.port}"

    @property
    def shown_host(self) -> str:
        """The host that a client on this machine connects to."""
        return "127.0.0.1" if self.host in ("0.0.0.0", "::", "") else self.host  # noqa: S104 - a comparison


class Storage(msgspec.Struct, frozen=True):
    """Where things are kept, and where API descriptions come from."""

    data_dir: Annotated[str, Meta(description="Folder of the catalog, the database, the key file and the log.")] = ""
    database_url: Annotated[
        str, Meta(description="postgresql://user:password@host:port/name; by default SQLite, in the data directory.")
    ] = ""
    cache_dir: Annotated[str, Meta(description="Folder of downloads; by default `cache` in the data directory.")] = ""
    spec_mirror: Annotated[
        str,
        Meta(
            description="Folder with copies of descriptions that are not published as packages; empty downloads them."
        ),
    ] = ""

    def __repr__(self) -> str:
        return masked(super().__repr__())


class Calling(msgspec.Struct, frozen=True):
    """Who answers calls."""

    sandbox: Annotated[bool, Meta(description="Answer every call from the API descriptions; nothing leaves.")] = False
    sandbox_url: Annotated[
        str, Meta(description="http://host:port of a sandbox that runs already; by default one is started.")
    ] = ""
    sandbox_connect: Annotated[
        bool, Meta(description="In the sandbox too, people connect services; by default all are connected.")
    ] = False
    providers_dir: Annotated[
        str, Meta(description="Folder of further OAuth provider files, which come before the ones built in.")
    ] = ""
    topology: Annotated[
        Literal["child", "monolith"],
        Meta(description="Category servers as child processes, or all in the gateway's process."),
    ] = "child"
    idle_seconds: Annotated[
        float, Meta(ge=1, description="A category server that had no call for so long is stopped.")
    ] = 300.0


class Logging(msgspec.Struct, frozen=True):
    """What is written down."""

    log_level: Annotated[
        Literal["debug", "info", "warning", "error"],
        Meta(description="Least important messages that are logged."),
    ] = "info"


KINDS: Final = (Listen, Storage, KeySettings, Calling, GatewaySettings, Logging)
TABLES: Final = ("upstreams", "sign_in")
_LOOPBACK: Final = ("localhost", "127.0.0.1", "::1")


class Settings(msgspec.Struct, frozen=True):
    """All settings of one start, checked."""

    listen: Listen
    storage: Storage
    keys: KeySettings
    calling: Calling
    gateway: GatewaySettings
    logging: Logging
    upstreams: tuple[UpstreamSettings, ...]
    sign_in: tuple[Provider, ...] = ()

    @property
    def data(self) -> DataDir:
        named = self.storage.data_dir
        return DataDir(Path(named).expanduser().absolute() if named else settings.default_data_dir())

    @property
    def database(self) -> Location:
        url = self.storage.database_url
        return PostgreSQL(url) if url else self.data.database

    @property
    def cache(self) -> Path:
        named = self.storage.cache_dir
        return Path(named).expanduser().absolute() if named else self.data.cache

    @property
    def providers(self) -> Path | None:
        return Path(self.calling.providers_dir).expanduser().absolute() if self.calling.providers_dir else None

    @property
    def mirror(self) -> Path | None:
        return Path(self.storage.spec_mirror).expanduser().absolute() if self.storage.spec_mirror else None


def load(given: settings.Sources) -> Settings:
    """Reads and checks everything. Raises `InvalidSettings`."""
    settings.check_names(KINDS, given, TABLES)
    listen = settings.load(Listen, given)
    return Settings(
        listen,
        _storage(given),
        settings.load(KeySettings, given),
        settings.load(Calling, given),
        _reachable(settings.load(GatewaySettings, given), listen),
        settings.load(Logging, given),
        parse(_upstreams(given)),
        providers(given.file.get("sign_in", ())),
    )


def _storage(given: settings.Sources) -> Storage:
    storage = settings.load(Storage, given)
    if storage.database_url:
        from trunkline.infra import postgresql  # noqa: PLC0415 - psycopg, which most gateways do not need

        postgresql.check(storage.database_url)
    return storage


def _reachable(gateway: GatewaySettings, listen: Listen) -> GatewaySettings:
    """Our own name is one of the names we answer to, and our own pages may send us forms."""
    if not listen.public_url:
        return gateway
    parts = urlsplit(listen.public_url)
    host = parts.hostname or ""
    secure = parts.scheme == "https" or (parts.scheme == "http" and host in _LOOPBACK)
    if not (secure and host) or parts.path.strip("/") or parts.query or parts.fragment or parts.username is not None:
        raise InvalidSettings(
            f"public_url = {listen.public_url!r} is not accepted.", "Accepted: https://name, or http://localhost:port."
        )
    return msgspec.structs.replace(
        gateway, public_hosts=(*gateway.public_hosts, host), origins=(*gateway.origins, listen.url)
    )


def _upstreams(given: settings.Sources) -> dict[str, dict[str, Any]]:
    raw: Any = given.file.get("upstreams", {})
    try:
        return msgspec.convert(raw, dict[str, dict[str, Any]])
    except msgspec.ValidationError as fault:
        raise InvalidSettings(
            f"{given.file_path}: [upstreams]: {fault}.", "docs/settings.md shows the table."
        ) from None
