"""What the gateway says of tools, for the admin API."""

from dataclasses import dataclass

from trunkline.admin.api.toolsets import Shown
from trunkline.gateway.toolset import Toolset
from trunkline.programs.assembly import Assembly


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

    def changed(self, organization: str) -> None:
        self.assembly.toolsets.forget(organization)
