"""Tools of upstream servers, as the gateway lists and calls them."""

import re
from dataclasses import dataclass
from hashlib import blake2b, sha256
from typing import Final
from urllib.parse import urlsplit

import msgspec

from trunkline.contract import Effect, Service, ToolSpec
from trunkline.gateway.federation.param_headers import ParamHeaders
from trunkline.gateway.federation.settings import UpstreamSettings

LONGEST: Final = 64  # characters of a tool's name that every client takes
_UNFIT: Final = re.compile(r"[^A-Za-z0-9_-]")
_REMOVING: Final = re.compile(r"(^|[_\W])(delete|remove|drop|destroy|purge|erase|revoke|truncate)", re.IGNORECASE)


class _Annotations(msgspec.Struct, rename="camel"):
    title: str | None = None
    read_only_hint: bool | None = None
    destructive_hint: bool | None = None
    idempotent_hint: bool | None = None


class _Tool(msgspec.Struct, rename="camel"):
    name: str
    input_schema: msgspec.Raw
    title: str | None = None
    description: str | None = None
    annotations: _Annotations | None = None


@dataclass(frozen=True, slots=True)
class FederatedTool:
    """One tool. `remote` is its name at the upstream server; `definition` the JSON text of its `Tool` under ours."""

    spec: ToolSpec
    service: Service
    definition: bytes
    remote: str
    pinned: bool
    headers: ParamHeaders

    @property
    def name(self) -> str:
        return self.spec.name


def service_of(settings: UpstreamSettings) -> Service:
    """The upstream server as a service: it needs no connection of the caller's."""
    host = urlsplit(settings.url).hostname or ""
    title = settings.title or settings.id
    return Service(settings.id, title, f"The MCP server {title}.", settings.category, settings.url.rstrip("/"), (host,))


def wire_name(prefix: str, name: str) -> str:
    """`name` under our prefix: at most 64 of A-Z, a-z, 0-9, '_' and '-'; a name that had to change ends in a digest."""
    full = _UNFIT.sub("_", prefix + name)
    if full == prefix + name and len(full) <= LONGEST:
        return full
    return f"{full[: LONGEST - 9]}_{blake2b(name.encode(), digest_size=4).hexdigest()}"


def federated(text: bytes, settings: UpstreamSettings, service: Service) -> FederatedTool | None:
    """The tool that `text` (JSON of a `Tool`) describes; None if it is not one."""
    try:
        tool = msgspec.json.decode(text, type=_Tool)
        msgspec.json.decode(tool.input_schema, type=dict[str, msgspec.Raw])
    except msgspec.DecodeError:
        return None
    name = wire_name(settings.names_prefix, tool.name)
    spec = ToolSpec(
        name=name,
        service=settings.id,
        category=settings.category,
        operation=tool.name,
        title=_title(tool),
        description=tool.description or "",
        effect=_effect(tool),
        idempotent=_idempotent(tool),
        input_schema=bytes(tool.input_schema),
        signature="",
        signature_tokens=0,
        listing_tokens=0,
        digest=sha256(text).hexdigest(),
    )
    definition = text if name == tool.name else _renamed(text, name)
    return FederatedTool(spec, service, definition, tool.name, settings.pinned, ParamHeaders.of(spec.input_schema))


def _title(tool: _Tool) -> str:
    hinted = tool.annotations.title if tool.annotations else None
    return tool.title or hinted or tool.name


def _effect(tool: _Tool) -> Effect:
    """From the annotations. One that says nothing is never taken for read-only."""
    hints = tool.annotations or _Annotations()
    if hints.read_only_hint:
        return Effect.READ
    if hints.destructive_hint is None:
        return Effect.DELETE if _REMOVING.search(tool.name) else Effect.WRITE
    return Effect.DELETE if hints.destructive_hint else Effect.WRITE


def _idempotent(tool: _Tool) -> bool:
    hints = tool.annotations or _Annotations()
    return bool(hints.read_only_hint or hints.idempotent_hint)


def _renamed(text: bytes, name: str) -> bytes:
    members = msgspec.json.decode(text, type=dict[str, msgspec.Raw])
    members["name"] = msgspec.Raw(msgspec.json.encode(name))
    return msgspec.json.encode(members)
