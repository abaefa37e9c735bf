"""What the gateway says of tools, for the admin API."""

from dataclasses import dataclass
from typing import Final

from trunkline.admin.api.toolsets import Shown
from trunkline.gateway.toolset import Toolset
from trunkline.programs.assembly import Assembly

_FOUND: Final = 12


@dataclass(frozen=True, slots=True)
class GatewayShelf:
    """Implements `admin.api.toolsets.Shelf`."""

    assembly: Assembly

    async def check(self, member: str) -> None:
        """Raises NotFound if there is no such service or tool."""
        if not self.is_service(member):
            await self.assembly.gateway.toolsets.target(Toolset(), member)

    def is_service(self, name: str) -> bool:
        return self.assembly.gateway.toolsets.is_service(name)

    def shown(self, members: frozenset[str]) -> Shown:
        toolsets, toolset = self.assembly.gateway.toolsets, Toolset(members=members)
        cost = toolsets.cost(toolset)
        return Shown(cost.tools, cost.tokens, "search" if toolsets.is_searched(toolset, "") else "direct")

    def find(self, text: str) -> tuple[tuple[str, int], ...]:
        """The tools that fit `text` best, each with the tokens of listing it."""
        hits = self.assembly.index.search(text, limit=_FOUND).hits
        return tuple((hit.name, self.shown(frozenset((hit.name,))).tokens) for hit in hits)

    def changed(self, organization: str) -> None:
        self.assembly.toolsets.forget(organization)
