"""The table `[upstreams.<id>]` of trunkline.toml: one upstream MCP server each."""

import re
from collections.abc import Mapping
from typing import Annotated, Any, Final

import msgspec
from msgspec import Meta

from trunkline.contract import Category, InvalidSettings

_ID: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,23}")
_PREFIX: Final = re.compile(r"[A-Za-z0-9_-]{0,32}")


class UpstreamSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One upstream MCP server. `id` is the table's own name."""

    url: Annotated[str, Meta(pattern="^https?://", description="Its Streamable HTTP endpoint.")]
    id: str = ""
    prefix: Annotated[str | None, Meta(description="Put before every tool and prompt name; by default `<id>_`.")] = None
    pinned: Annotated[bool, Meta(description="Whether the default endpoint lists its tools.")] = True
    token_env: Annotated[str, Meta(description="Environment variable that holds a bearer token for it.")] = ""
    category: Annotated[Category, Meta(description="Category of its tools.")] = "productivity"
    title: str = ""

    @property
    def names_prefix(self) -> str:
        return f"{self.id}_" if self.prefix is None else self.prefix


def parse(table: Mapping[str, Any]) -> tuple[UpstreamSettings, ...]:
    """The upstream servers of `[upstreams]`, by id. Raises InvalidSettings."""
    return tuple(_one(id, table[id]) for id in sorted(table))


def _one(id: str, values: Any) -> UpstreamSettings:
    if not _ID.fullmatch(id):
        raise InvalidSettings(f"[upstreams.{id}]: an id has at most 24 of a-z, 0-9 and '-'.")
    try:
        settings = msgspec.convert({**values, "id": id}, UpstreamSettings)
    except (msgspec.ValidationError, TypeError) as error:
        raise InvalidSettings(f"[upstreams.{id}]: {error}") from error
    if not _PREFIX.fullmatch(settings.names_prefix):
        raise InvalidSettings(f"[upstreams.{id}]: a prefix has at most 32 of A-Z, a-z, 0-9, '_' and '-'.")
    return settings
