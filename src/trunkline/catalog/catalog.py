"""The compiled catalog as servers read it: a small head at once, one integration on first use."""

import asyncio
import difflib
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

import msgspec

from trunkline.catalog.more import SUFFIX, More
from trunkline.catalog.more import read as read_more
from trunkline.catalog.rows import Rows
from trunkline.contract import LONGEST_NAME, Internal, NotFound, Service, ToolSpec, quoted

_BUILD = "Run `trunkline catalog build`."


class Head(msgspec.Struct, frozen=True):
    """The content of catalog.msgpack."""

    version: str
    services: tuple[Service, ...]


def read_head(folder: Path) -> Head | None:
    """The head of the catalog in `folder`, None if there is none. Raises Internal if it is of another version."""
    try:
        return msgspec.msgpack.decode((folder / "catalog.msgpack").read_bytes(), type=Head)
    except FileNotFoundError:
        return None
    except msgspec.DecodeError as error:
        raise Internal(f"the catalog in {folder} cannot be read: {error}", _BUILD) from error


class Integration:
    """One loaded integration: its names at once, each row decoded on first use and kept."""

    def __init__(self, service: Service, rows: Rows) -> None:
        self.service = service
        self.names = rows.names
        self._rows = rows
        self._specs: dict[str, ToolSpec] = {}

    def tool(self, name: str) -> ToolSpec | None:
        spec = self._specs.get(name)
        if spec is None:
            spec = self._rows.read(name)
            if spec is not None:
                self._specs[name] = spec
        return spec


class Catalog:
    """What exists. Safe to share between tasks of one event loop."""

    def __init__(self, folder: Path, head: Head) -> None:
        self.version = head.version
        self.services: Mapping[str, Service] = MappingProxyType({service.id: service for service in head.services})
        self._folder = folder
        self._loaded: dict[str, Integration] = {}
        self._loading: dict[str, asyncio.Task[Integration]] = {}

    @staticmethod
    def open(folder: Path) -> "Catalog":
        """Reads the head only. Raises NotFound if nothing is built there, Internal if it is of another version."""
        head = read_head(folder)
        if head is None:
            raise NotFound(f"there is no compiled catalog in {folder}", _BUILD)
        return Catalog(folder, head)

    def service_of(self, name: str) -> Service | None:
        """The service of a tool's wire name, by the part before the first `_`."""
        return self.services.get(name.partition("_")[0])

    def peek(self, name: str) -> ToolSpec | None:
        """The tool, if its integration is loaded already."""
        loaded = self._loaded.get(name.partition("_")[0])
        return None if loaded is None else loaded.tool(name)

    def lacks(self, name: str) -> bool:
        """Whether it is known, without loading anything, that there is no such tool."""
        service = name.partition("_")[0]
        loaded = self._loaded.get(service)
        return service not in self.services if loaded is None else loaded.tool(name) is None

    async def tool(self, name: str) -> ToolSpec:
        """Loads the tool's integration on first use. Raises NotFound, naming near misses."""
        service = self.service_of(name)
        if service is None:
            raise NotFound(f"no tool is named {quoted(name)}{_near(name.partition('_')[0], self.services, 'services')}")
        integration = await self.integration(service.id)
        spec = integration.tool(name)
        if spec is None:
            raise NotFound(f"{service.title} has no tool {quoted(name)}{_near(name, integration.names, 'tools')}")
        return spec

    async def integration(self, service: str) -> Integration:
        """Single flight: callers that come while it loads wait for the same load, which reads off the loop.

        Raises NotFound for an unknown service.
        """
        loaded = self._loaded.get(service)
        if loaded is not None:
            return loaded
        if service not in self.services:
            raise NotFound(f"there is no service {quoted(service)}{_near(service, self.services, 'services')}")
        task = self._loading.get(service)
        if task is None:
            task = asyncio.get_running_loop().create_task(self._load(service))
            self._loading[service] = task
        return await asyncio.shield(task)  # one caller giving up does not fail the others

    async def more(self, spec: ToolSpec) -> More:
        """What the input schemas of the tool's service leave out; empty where that of `spec` leaves out nothing."""
        if b'"x-more"' not in spec.input_schema:
            return More()
        return await asyncio.to_thread(read_more, self._folder / f"{spec.service}{SUFFIX}")

    async def _load(self, service: str) -> Integration:
        try:
            rows = await asyncio.to_thread(self._open, service)
            loaded = self._loaded[service] = Integration(self.services[service], rows)
            return loaded
        finally:
            del self._loading[service]

    def _open(self, service: str) -> Rows:
        try:
            return Rows(self._folder / f"{service}.rows")
        except (OSError, ValueError, msgspec.DecodeError) as error:
            why = error.strerror if isinstance(error, OSError) else "they are damaged"  # a client has no use for a path
            raise Internal(f"the rows of {service} cannot be read: {why}", _BUILD) from error


def _near(name: str, names: Mapping[str, object] | tuple[str, ...], what: str) -> str:
    if len(name) > LONGEST_NAME:  # comparing takes as long as the name is
        return ""
    close = difflib.get_close_matches(name, list(names), n=3, cutoff=0.6)
    return f"; {what} with a similar name: {', '.join(close)}" if close else ""
