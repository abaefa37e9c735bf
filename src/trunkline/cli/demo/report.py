"""The demo's result: the conversation, what the sandbox and the audit log say of it, and the ledger of tokens."""

import asyncio

import msgspec

from trunkline.catalog import Catalog
from trunkline.cli.demo.conversation import INTENTS, Conversation
from trunkline.cli.demo.stage import Stage, get
from trunkline.gateway.audit.chain import verify
from trunkline.gateway.audit.log import LINGER
from trunkline.sandbox.log import Entry
from trunkline.selection.index import Index

_LOOKS = 20  # at the audit log, until the last row is there


class Ledger(msgspec.Struct, frozen=True):
    """Tokens (o200k_base): of listing every tool, and of this conversation, schemas and answers included."""

    services: int
    tools: int
    listing_everything: int
    this_conversation: int

    @property
    def times_less(self) -> float:
        return self.listing_everything / self.this_conversation


class Audit(msgspec.Struct, frozen=True):
    """`rows` in the chain of the demo's gateway so far."""

    rows: int
    intact: bool


class Report(msgspec.Struct, frozen=True):
    """`verdicts` are the sandbox's, of every request that reached it; `scores` by tool, as the index ranks."""

    conversation: Conversation
    scores: dict[str, float]
    signature_tokens: dict[str, int]
    verdicts: tuple[Entry, ...]
    audit: Audit
    ledger: Ledger
    start_seconds: float
    seconds: float

    @property
    def good(self) -> bool:
        """Both calls answered, every request accepted by the sandbox, the audit chain intact."""
        calls = self.conversation.calls
        accepted = [entry for entry in self.verdicts if entry.verdict == "ok"]
        return all(call.ok for call in calls) and len(accepted) == len(calls) and self.audit.intact


class _Log(msgspec.Struct):
    entries: tuple[Entry, ...]


async def report(stage: Stage, conversation: Conversation, seconds: float) -> Report:
    """Collects what others saw of the conversation."""
    catalog = Catalog.open(stage.folder.catalog)
    found = Index.open(stage.folder.catalog).search(list(INTENTS), limit=20)
    entries = msgspec.json.decode(await get(f"{stage.sandbox}/__sandbox__/log"), type=_Log).entries
    return Report(
        conversation,
        {hit.name: round(hit.score, 2) for hit in found.hits},
        {hit.name: hit.signature_tokens for hit in (*found.hits, *found.prerequisites)},
        entries,
        await _audit(stage, len(conversation.calls)),
        await _ledger(catalog, conversation),
        round(stage.seconds, 2),
        round(seconds, 1),
    )


async def _audit(stage: Stage, calls: int) -> Audit:
    """What the log holds, once the last outcome is written: outcomes follow their answers within a moment."""
    expected = 1 + 2 * calls  # the chain's opening, and an intent and an outcome for each call
    verdict = verify(stage.folder.database)
    for _ in range(_LOOKS):
        if verdict.rows >= expected:
            break
        await asyncio.sleep(LINGER)
        verdict = verify(stage.folder.database)
    return Audit(verdict.rows, verdict.intact)


async def _ledger(catalog: Catalog, conversation: Conversation) -> Ledger:
    """Every tool's listing was counted when the catalog was built."""
    everything = tools = 0
    for service in catalog.services:
        integration = await catalog.integration(service)
        tools += len(integration.names)
        everything += sum(spec.listing_tokens for name in integration.names if (spec := integration.tool(name)))
    return Ledger(len(catalog.services), tools, everything, conversation.tokens)
