"""The playground's gateway: the search as an agent gets it with the reasons, and calls as the person who asks."""

from collections.abc import Set
from dataclasses import dataclass

import msgspec

from trunkline.admin.api.playground import Around, RankedTool, Ranking
from trunkline.admin.api.start import Tried
from trunkline.contract import Effect, ToolCall, View
from trunkline.gateway.meta.definitions import FIND
from trunkline.gateway.meta.find import in_order, within_budget
from trunkline.gateway.toolset import Toolset
from trunkline.gateway.work import Work
from trunkline.identity.ports import SignedIn
from trunkline.programs.assembly import Assembly
from trunkline.programs.attempt import caller_of, tried
from trunkline.selection.estimate import tokens_of
from trunkline.selection.index import Found, Hit

_WHOLE = View(fields=("*",))


@dataclass(frozen=True, slots=True)
class GatewayPlayer:
    """Implements `admin.api.playground.Player`."""

    assembly: Assembly

    async def find(self, by: SignedIn, ask: str) -> Ranking:
        """Each time as in a task that has just begun; nothing is written into the ledger of tasks."""
        meta, caller = self.assembly.meta, await caller_of(self.assembly.gateway, by)
        found = await meta.ranked(ask, caller, Work("", caller, "", 0.0))
        question = msgspec.json.encode({"intents": [ask]})
        told = await meta.run(FIND, question, caller, Work("", caller, "", 0.0))
        return Ranking(_tools(found), found.clauses, told.text, tokens_of(told.text.encode()))

    def around(self, tool: str) -> Around:
        """Raises NotFound."""
        return Around(tool, *self.assembly.index.around(tool))

    async def effect(self, tool: str) -> Effect:
        """Raises NotFound."""
        return (await self.assembly.gateway.toolsets.target(Toolset(), tool)).spec.effect

    async def call(self, by: SignedIn, tool: str, arguments: bytes, *, whole: bool) -> Tried:
        return await tried(self.assembly.gateway, by, ToolCall(tool, arguments, _WHOLE if whole else None))


def _tools(found: Found) -> tuple[RankedTool, ...]:
    """All that were ranked, each after what it needs."""
    ranked = {hit.name: hit for hit in found.hits}
    shown = {hit.name for hit in within_budget(found)}
    several = len(found.clauses) > 1
    ordered = in_order(found.hits, found.prerequisites)
    return tuple(
        _tool(hit, ranked.get(hit.name, hit), found.clauses[hit.clause] if several else "", shown) for hit in ordered
    )


def _tool(hit: Hit, own: Hit, intent: str, shown: Set[str]) -> RankedTool:
    """`own` is the tool as it was ranked itself, as one that is only needed by another may have been."""
    told = hit.name in shown or hit.prerequisite_of in shown
    return RankedTool(
        hit.name, hit.service, hit.effect, hit.signature, hit.signature_tokens, own.score, own.parts,
        intent, told, hit.prerequisite_of,
    )  # fmt: skip
