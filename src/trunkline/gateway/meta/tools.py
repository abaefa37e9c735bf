"""The gateway's own tools: an agent finds, reads and calls any of thousands of tools through five."""

import difflib
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Final

import msgspec

from trunkline.catalog import Catalog
from trunkline.contract import (
    LONGEST_NAME,
    InvalidArguments,
    NotFound,
    Principal,
    Service,
    ToolCall,
    ToolResult,
    quoted,
)
from trunkline.gateway.menu import Cost
from trunkline.gateway.meta import describe, find, reading, services
from trunkline.gateway.meta.definitions import CALL, CALL_READ, DESCRIBE, FIND, SERVICES, definitions
from trunkline.gateway.meta.priors import Priors
from trunkline.gateway.meta.scope import Scope, scope_of
from trunkline.gateway.toolset import Caller, Members, Seen
from trunkline.selection.index import Bitmap, Found, Hit, Index
from trunkline.selection.prior import learned

Connected = Callable[[Principal], Awaitable[frozenset[str]]]
Warm = Callable[[Iterable[str]], None]
Given = Mapping[str, msgspec.Raw]

NAMES: Final = frozenset({FIND, DESCRIBE, CALL, CALL_READ, SERVICES})
_INTENT_WORDS: Final = ("intents", "intent", "query", "queries", "q", "request", "task", "search", "text")
_INTENT_FORM: Final = '{"intents": ["create a GitHub issue", "post a message in Slack"]}'
_NAME_WORDS: Final = ("names", "name", "tools", "tool", "tool_names")
_NAME_FORM: Final = '{"names": ["github_create_issue"]}'
_LIMIT: Final = 8
_LIMIT_OF_INTENT: Final = 3
_LIMIT_AT_MOST: Final = 50
_BUDGET_AT_MOST: Final = 20_000
_DESCRIBED_AT_MOST: Final = 10
_NEAR: Final = 3
_SCOPES: Final = 64  # that are remembered
_WELL_KNOWN: Final = ("github", "slack", "jira", "stripe")


class Asking(msgspec.Struct, frozen=True):
    """Who asks, what is in reach, and what the agent has seen and done."""

    principal: Principal
    scope: Scope
    seen: Seen


class Bounds(msgspec.Struct, frozen=True):
    """What a search stays within: services that can be called now rank first, tools not allowed (None: all are) not."""

    usable: frozenset[str]
    allowed: Bitmap | None
    limit: int


class MetaTools:
    """find_tools, describe_tools and list_services answer here; call_tool and call_read_tool hold a call for others."""

    def __init__(self, catalog: Catalog, index: Index, connected: Connected, warm: Warm, priors: Priors) -> None:
        self.names = NAMES
        self._catalog = catalog
        self._index = index
        self._connected = connected
        self._warm = warm
        self._priors = priors
        self._open = frozenset(service.id for service in catalog.services.values() if not service.auth)
        self._families = _families(catalog.services.values())
        self._scopes: dict[Members, Scope] = {}
        self._answers = {FIND: self._find, DESCRIBE: self._describe, SERVICES: self._services}

    def definitions(self, members: Members) -> tuple[bytes, ...]:
        """As tools/list shows the meta-tools where these tools can be found."""
        services = sorted(self._scope(members).services.values(), key=_prominence)
        return definitions(self.cost(members).tools, [service.title for service in services])

    def cost(self, members: Members) -> Cost:
        """Of listing these tools of the catalog."""
        bits = self._scope(members).bits
        if bits is None:
            return Cost(len(self._index), self._index.listing_tokens)
        return Cost(*self._index.listing_tokens_of(bits))

    async def listings(self, caller: Principal) -> tuple[int, int]:
        """Tokens of listing all tools, and all tools of the services that `caller` has connected."""
        services = self._index.allow(services=self._with_families(await self._connected(caller)))
        return self._index.listing_tokens, self._index.listing_tokens_of(services)[1]

    async def run(self, name: str, arguments: bytes, caller: Caller, seen: Seen) -> ToolResult:
        """The answer of find_tools, describe_tools or list_services. Raises NotFound, InvalidArguments."""
        answer = self._answers.get(name)
        if answer is None:
            raise NotFound(f"{name} is no tool that answers by itself.")
        scope = self._scope(caller.toolset.members)
        return ToolResult(await answer(reading.members(arguments), Asking(caller.principal, scope, seen)))

    def unwrap(self, name: str, arguments: bytes) -> ToolCall | None:
        """The call inside a call_tool or call_read_tool; None for the other tools. Raises InvalidArguments."""
        if name not in (CALL, CALL_READ):
            return None
        inner = reading.call(arguments)
        if inner.name in NAMES:
            raise InvalidArguments(f"{inner.name} is called directly, not through {name}.", f"Call {inner.name}.")
        return inner

    async def _find(self, given: Given, asking: Asking) -> str:
        intents = reading.texts(given, _INTENT_WORDS, _INTENT_FORM)
        limit = reading.number(given, ("limit", "top_k", "max_results"), _LIMIT_AT_MOST)
        budget = reading.number(given, ("budget", "max_tokens"), _BUDGET_AT_MOST)
        usable = await self._usable(asking.principal)
        allowed = self._allowed(reading.text(given, ("service", "services")), asking.scope)
        most = limit or max(_LIMIT, _LIMIT_OF_INTENT * len(intents))
        found = await self._ranked(intents, asking, Bounds(usable, allowed, most))
        hits = found.hits if limit is not None else find.within_budget(found)
        return await self._shown(found, hits, usable, asking.seen, budget)

    async def ranked(self, intent: str, caller: Caller, seen: Seen) -> Found:
        """What find_tools ranks for `intent`, with the parts of each score; of these it shows what fits its budget."""
        asking = Asking(caller.principal, self._scope(caller.toolset.members), seen)
        bounds = Bounds(await self._usable(caller.principal), asking.scope.bits, _LIMIT)
        return await self._ranked((intent,), asking, bounds)

    async def _ranked(self, intents: tuple[str, ...], asking: Asking, bounds: Bounds) -> Found:
        found = self._index.search(
            intents[0] if len(intents) == 1 else intents,
            limit=bounds.limit,
            connected=bounds.usable,
            allowed=bounds.allowed,
        )
        prior = await self._priors.of(asking.principal.organization)
        return learned(self._index, found, prior, asking.seen.recent, bounds.allowed)

    async def _shown(
        self, found: Found, hits: tuple[Hit, ...], usable: frozenset[str], seen: Seen, budget: int | None
    ) -> str:
        if not hits:
            return "No tool fits. Say what the tool should do in other words, or look at list_services."
        used = [self._catalog.services[name] for name in dict.fromkeys(hit.service for hit in hits)]
        self._warm(dict.fromkeys(service.category for service in used))
        example = find.example(await self._catalog.tool(hits[0].name))
        unconnected = find.connect_lines(service for service in used if service.id not in usable)
        known = frozenset(hit.name for hit in (*hits, *found.prerequisites) if not seen.first_shown(hit.name))
        parts = find.Parts(found, unconnected, example, known)
        return find.answer(parts, hits) if budget is None else find.fitting(parts, hits, budget)

    async def _usable(self, caller: Principal) -> frozenset[str]:
        """The services that `caller` can call now: connected, or in no need of a connection."""
        connected = await self._connected(caller)
        return self._open | self._with_families(connected)

    def _with_families(self, connected: frozenset[str]) -> frozenset[str]:
        return connected.union(*(self._families[name] for name in connected & self._families.keys()))

    def _allowed(self, wanted: str, scope: Scope) -> Bitmap | None:
        """The tools in reach, of the service that is `wanted`; None for all. Raises NotFound, naming near misses."""
        if not wanted:
            return scope.bits
        of_service = self._index.allow(services=[service.id for service in _named(wanted, scope.services)])
        return of_service if scope.bits is None else of_service & scope.bits

    def _scope(self, members: Members) -> Scope:
        scope = self._scopes.get(members)
        if scope is None:
            if len(self._scopes) >= _SCOPES:
                del self._scopes[next(iter(self._scopes))]
            scope = self._scopes[members] = scope_of(self._catalog, self._index, members)
        return scope

    async def _describe(self, given: Given, asking: Asking) -> str:
        names = [
            name.strip()
            for text in reading.texts(given, _NAME_WORDS, _NAME_FORM)
            for name in text.split(",")
            if name.strip()
        ]
        path = reading.text(given, ("path", "part"))
        again = reading.text(given, ("again",)) or given.get("again") == msgspec.Raw(b"true")
        seen = None if again else asking.seen
        blocks = [
            await self._described(name, path, asking.scope, seen) for name in dict.fromkeys(names[:_DESCRIBED_AT_MOST])
        ]
        if len(names) > _DESCRIBED_AT_MOST:
            blocks.append(f"Ask for at most {_DESCRIBED_AT_MOST} at a time.")
        return "\n\n".join(blocks)

    async def _described(self, name: str, path: str, scope: Scope, seen: Seen | None) -> str:
        try:
            spec = await self._catalog.tool(name)
            if not scope.toolset.admits(spec):
                raise NotFound("It is not in this toolset.")
            if seen is not None and not seen.first_described(f"{name} {path}"):
                return describe.described_before(name, path)
            more = await self._catalog.more(spec)
            return describe.part(spec, path, more) if path else describe.block(spec, more)
        except NotFound:
            name = name[:LONGEST_NAME]
            near = self._index.search(name.replace("_", " "), limit=_NEAR, allowed=scope.bits).hits
            return describe.unknown(name, [hit.name for hit in near])

    async def _services(self, given: Given, asking: Asking) -> str:
        wanted = reading.text(given, ("filter", "query", "category", "service", "name"))
        known = asking.scope.services
        usable = await self._usable(asking.principal)
        if not wanted:
            return services.overview(known.values(), usable)
        if wanted.lower() == services.CONNECTED:
            found = services.matching(known.values(), wanted, usable)
            return services.details(found, usable) if found else "Nothing is connected yet."
        return services.details(_named(wanted, known), usable)


def _named(wanted: str, known: Mapping[str, Service]) -> list[Service]:
    """Services with this id, title or alias, whole or in part. Raises NotFound, naming near misses."""
    found = services.matching(known.values(), wanted, ())
    if not found:
        wanted = wanted[: LONGEST_NAME + 1]  # comparing takes as long as the text is
        near = difflib.get_close_matches(wanted.lower(), list(known), n=_NEAR, cutoff=0.5)
        similar = f"; similar: {', '.join(near)}" if near else ""
        raise NotFound(f"There is no service {quoted(wanted)}{similar}.", "Look at list_services.")
    return found


def _prominence(service: Service) -> tuple[bool, int, str]:
    """Those that a model surely knows come first."""
    known = service.id in _WELL_KNOWN
    return not known, _WELL_KNOWN.index(service.id) if known else 0, service.title


def _families(services: Iterable[Service]) -> dict[str, frozenset[str]]:
    """Ids of the services that are connected together, by family."""
    members: dict[str, set[str]] = {}
    for service in services:
        if service.family:
            members.setdefault(service.family, set()).add(service.id)
    return {family: frozenset(ids) for family, ids in members.items()}
