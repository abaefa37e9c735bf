"""What a toolset offers, as whoever serves it knows it. Needs no database."""

from typing import Final, Literal, Protocol, get_args

import msgspec

Listing = Literal["auto", "direct", "search"]
"""How a client sees tools: each listed (direct), or found by the meta-tools (search); auto decides by their cost."""

LISTINGS: Final[tuple[Listing, ...]] = get_args(Listing)


class Offered(msgspec.Struct, frozen=True):
    """`members` are ids of services and names of tools."""

    members: frozenset[str]
    listing: Listing = "auto"


class Curated(Protocol):
    """The toolsets that organizations made."""

    async def find(self, organization: str, name: str) -> Offered | None: ...


class NothingCurated:
    """There are none."""

    async def find(self, organization: str, name: str) -> Offered | None:
        return None
