"""Direct or search: how a client is shown the tools of a toolset.

Listing tools costs their tokens in every conversation; finding them costs the menu of the meta-tools and an answer or
two. `bench/tokens` measures where the two are even. Some clients take only so many tools, whatever those cost.
"""

from functools import lru_cache
from typing import Final

import msgspec

from trunkline.economy.offered import Listing
from trunkline.gateway.events import CallContext

DIRECT_TOKENS: Final = 1_500  # a listing up to here is cheaper than finding, over whole tasks without a cache
# How many tools a client takes from all its servers together, by how its name begins.
_MOST_TOOLS: Final = {
    "cursor": 40,  # docs.cursor.com/context/mcp
    "visual studio code": 128,  # code.visualstudio.com/docs/copilot/chat/mcp-servers
    "windsurf": 100,  # docs.windsurf.com/windsurf/cascade/mcp
}
_SHORT: Final = 4096  # bytes of what a client says of itself that are worth remembering


class Cost(msgspec.Struct, frozen=True):
    """What listing tools takes: how many there are, and their tokens (o200k_base)."""

    tools: int = 0
    tokens: int = 0

    def __add__(self, other: "Cost") -> "Cost":
        return Cost(self.tools + other.tools, self.tokens + other.tokens)


def is_searched(listing: Listing, cost: Cost, client: str) -> bool:
    """Whether tools that cost so much are found by `client`; else they are listed."""
    if listing != "auto":
        return listing == "search"
    name = client.lower()
    most = next((tools for start, tools in _MOST_TOOLS.items() if name.startswith(start)), cost.tools)
    return cost.tokens > DIRECT_TOKENS or cost.tools > most


def client_of(context: CallContext) -> str:
    """What the client calls itself: in `_meta` of the request, or in its handshake; "" if it says nothing."""
    said = context.meta if context.modern else b"" if context.session is None else context.session.initialize
    return _name(said) if len(said) <= _SHORT else ""


class _Info(msgspec.Struct):
    name: str = ""


class _Said(msgspec.Struct):
    modern: _Info | None = msgspec.field(default=None, name="io.modelcontextprotocol/clientInfo")
    legacy: _Info | None = msgspec.field(default=None, name="clientInfo")


@lru_cache(512)
def _name(said: bytes) -> str:
    try:
        found = msgspec.json.decode(said or b"{}", type=_Said)
    except msgspec.DecodeError:
        return ""
    info = found.modern or found.legacy
    return "" if info is None else info.name
