"""A small world for the gateway: a compiled catalog, a category that echoes, upstream tools that talk back."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterable, Sequence
from pathlib import Path
from typing import Any

import msgspec

from trunkline.catalog import Catalog
from trunkline.catalog.write import write_catalog
from trunkline.connections.sandbox import SandboxConnections
from trunkline.connections.ticket import Opener, Sealer, TicketKey
from trunkline.contract import (
    CATEGORIES,
    Admitted,
    AllowedCall,
    AuthKind,
    AuthScheme,
    CategoryPort,
    Chunk,
    ConnectionRef,
    CredentialRejected,
    Done,
    Effect,
    Event,
    Failed,
    Fault,
    Internal,
    InvalidArguments,
    NotFound,
    Plan,
    Principal,
    Progress,
    Service,
    ToolCall,
    ToolResult,
    ToolSpec,
    Unauthenticated,
    UpstreamFailed,
)
from trunkline.economy.offered import Curated, NothingCurated
from trunkline.economy.spent import Learned, Lesson, Spent
from trunkline.gateway.answer import Implementation
from trunkline.gateway.events import (
    CallContext,
    ClientRequest,
    ClientSession,
    LaneEvent,
    Notification,
    ProtocolError,
    Reply,
)
from trunkline.gateway.gateway import Gateway, Parts
from trunkline.gateway.inviting import Links, no_links
from trunkline.gateway.menu import Cost
from trunkline.gateway.reach import Credentials
from trunkline.gateway.settings import GatewaySettings
from trunkline.gateway.toolset import Caller, Members, Seen
from trunkline.gateway.upstreams import NoUpstreams, UpstreamTool

OWNER = Principal("owner", "local")
GUEST = Principal("guest", "local")
TOKENS = {b"Bearer owner-token": OWNER, b"Bearer guest-token": GUEST}
SERVER = Implementation("trunkline", "0.1", "Trunkline")
EMPTY = b'{"type":"object"}'


def authenticate(authorization: bytes) -> Principal:
    if authorization not in TOKENS:
        raise Unauthenticated("A bearer token is needed.", "Send one.")
    return TOKENS[authorization]


async def admit(authorization: bytes, _host: bytes, _path: str) -> Admitted:
    return Admitted(authenticate(authorization))


async def admit_anybody(_authorization: bytes, _host: bytes, _path: str) -> Admitted:
    return Admitted(OWNER)


def spec(name: str, effect: Effect = Effect.READ, schema: bytes = EMPTY, **more: Any) -> ToolSpec:
    return ToolSpec(
        name=name,
        service=name.partition("_")[0],
        category="code",
        operation=name,
        title=name.replace("_", " "),
        description=f"Does {name}.",
        effect=effect,
        idempotent=effect is Effect.READ,
        input_schema=schema,
        signature=f"{name}()",
        signature_tokens=3,
        listing_tokens=30,
        plan=Plan("GET", "/"),
        **more,
    )


def service(id: str, *auth: AuthScheme) -> Service:
    return Service(id, id.title(), f"The service {id}.", "code", f"https://{id}.example", (f"{id}.example",), auth)


ECHO = [spec("echo_get_text"), spec("echo_send_text", Effect.WRITE), spec("echo_remove_text", Effect.DELETE)]
MANY = [spec(f"many_get_{number:04d}") for number in range(450)]
LOCKED = [spec("locked_get_secret")]


def catalog(folder: Path) -> Catalog:
    write_catalog(
        folder,
        [
            (service("echo"), ECHO),
            (service("many"), MANY),
            (service("locked", AuthScheme(AuthKind.BEARER)), LOCKED),
        ],
    )
    return Catalog.open(folder)


class EchoPort:
    """Answers with what it was asked; the argument `do` makes it behave otherwise."""

    def __init__(self, key: TicketKey) -> None:
        self._opener = Opener(key)
        self.rejecting = 0  # how many calls are refused with CredentialRejected
        self.seen: list[AllowedCall] = []
        self.hanging = asyncio.Event()
        self.given_up: list[str] = []

    async def call(self, call: AllowedCall, ticket: bytes) -> AsyncIterator[Event]:
        credential = self._opener.open(call, ticket)
        self.seen.append(call)
        if self.rejecting:
            self.rejecting -= 1
            yield Failed(call.id, CredentialRejected("401").fact())
            return
        try:
            async for event in self._done(call, json.loads(call.arguments), credential is not None):
                yield event
        except asyncio.CancelledError:
            self.given_up.append(call.id)
            raise

    async def cancel(self, call_id: str) -> None:
        self.given_up.append(call_id)

    async def _done(self, call: AllowedCall, arguments: Any, credential: bool) -> AsyncIterator[Event]:
        match arguments.get("do"):
            case "progress":
                for step in (1, 2):
                    yield Progress(call.id, step, 2, "half" if step == 1 else "")
                yield Done(call.id, ToolResult("progressed", status=200))
            case "chunks":
                yield Chunk(call.id, b"long ")
                yield Done(call.id, ToolResult("answer", status=200))
            case "fail":
                yield Failed(call.id, UpstreamFailed("The service said 500.", "Try later.").fact())
            case "error":
                yield Done(call.id, ToolResult("404: no such thing", is_error=True, status=404))
            case "bug":
                raise ZeroDivisionError("a bug")
            case "start":
                yield Progress(call.id, 1)
                self.hanging.set()
                await asyncio.Event().wait()
            case "hang":
                self.hanging.set()
                await asyncio.Event().wait()
            case "nothing":
                return
            case _:
                text = json.dumps({"tool": call.tool, "arguments": arguments, "credential": credential})
                yield Done(call.id, ToolResult(text, status=200))


class OnePort:
    """The same port for every category."""

    def __init__(self, port: CategoryPort) -> None:
        self._port = port

    def of(self, category: str) -> CategoryPort:
        return self._port

    def warm(self, categories: Iterable[str]) -> None:
        return


class SmallMeta:
    """Two meta-tools: one answers itself, two lead to another tool."""

    _definitions = tuple(
        json.dumps({"name": name, "description": f"The meta-tool {name}.", "inputSchema": {"type": "object"}}).encode()
        for name in ("call_read_tool", "call_tool", "find_tools")
    )
    names = frozenset({"call_read_tool", "call_tool", "find_tools"})

    def definitions(self, members: Members) -> tuple[bytes, ...]:
        return self._definitions

    def cost(self, members: Members) -> Cost:
        """As the catalog has it: 30 tokens a tool."""
        return Cost(450, 450 * 30) if members and "many" in members else Cost(3, 90)

    async def listings(self, caller: Principal) -> tuple[int, int]:
        return 14_000, 200

    async def run(self, name: str, arguments: bytes, caller: Caller, seen: Seen) -> ToolResult:
        if b"fail" in arguments:
            raise NotFound("Nothing fits.", "Ask otherwise.")
        return ToolResult(f"found for {caller.principal.subject}")

    def unwrap(self, name: str, arguments: bytes) -> ToolCall | None:
        if name == "find_tools":
            return None
        try:
            inner = msgspec.json.decode(arguments, type=dict[str, msgspec.Raw])
            return ToolCall(msgspec.json.decode(inner["name"], type=str), bytes(inner.get("arguments", b"{}")))
        except (msgspec.DecodeError, KeyError):
            raise InvalidArguments("name is missing.") from None


class UpTool(msgspec.Struct, frozen=True):
    spec: ToolSpec
    service: Service
    definition: bytes
    pinned: bool = True


def up_tool(name: str, schema: bytes = EMPTY, pinned: bool = True) -> UpTool:
    definition = b'{"name":"%b","description":"d","inputSchema":%b}' % (name.encode(), schema)
    of_up = msgspec.structs.replace(spec(name, Effect.READ, schema), service="up")
    return UpTool(of_up, service("up"), definition, pinned)


QUESTION = json.dumps(
    {
        "mode": "form",
        "message": "who?",
        "requestedSchema": {"type": "object", "properties": {"name": {"type": "string"}}},
    }
).encode()
REGION = b'{"type":"object","properties":{"region":{"type":"string","x-mcp-header":"Region"}}}'


class TalkingUpstreams(NoUpstreams):
    """Tools that do what their name says."""

    def __init__(self) -> None:
        names = ("up_ask", "up_log", "up_refuse", "up_pass", "up_progress")
        taken = (up_tool("echo_get_text"), up_tool("echo_shout"))  # a name of the catalog's, and one beside its names
        self._tools = (*map(up_tool, names), up_tool("up_region", REGION), up_tool("up_unpinned", pinned=False), *taken)
        self.contexts: list[CallContext] = []
        self.sessions: dict[str, ClientSession] = {}

    def attach(self, session: ClientSession) -> None:
        self.sessions[session.id] = session

    def detach(self, session: ClientSession) -> None:
        self.sessions.pop(session.id)

    def changed(self, method: str) -> None:
        for session in self.sessions.values():
            session.notify(Notification(method))

    def tools(self) -> tuple[UpstreamTool, ...]:
        return self._tools

    def find(self, name: str) -> UpstreamTool | None:
        return next((tool for tool in self._tools if tool.spec.name == name), None)

    async def call(self, allowed: AllowedCall, context: CallContext) -> Reply:
        self.contexts.append(context)
        match allowed.tool:
            case "up_refuse":
                data = b'{"code":-32021,"message":"sampling is needed","data":{"requiredCapabilities":{"sampling":{}}}}'
                return ProtocolError(allowed.id, -32021, data)
            case "up_ask" | "up_log" | "up_progress":
                return self._talk(allowed)
            case _:
                return Done(allowed.id, ToolResult(mcp=b'{\n "content": [{"type":"text","text":"as it is"}] }'))

    async def _talk(self, allowed: AllowedCall) -> AsyncIterator[LaneEvent]:
        match allowed.tool:
            case "up_ask":
                reply = asyncio.get_running_loop().create_future()
                yield ClientRequest("elicitation/create", QUESTION, reply)
                answer = await reply
                text = (answer.result or answer.error).decode()
                yield Done(allowed.id, ToolResult(mcp=_text(text)))
            case "up_log":
                yield Notification("notifications/message", b'{"level":"info","data":"working"}')
                yield Done(allowed.id, ToolResult(mcp=_text("logged")))
            case _:
                yield Progress(allowed.id, 0.5)
                yield Done(allowed.id, ToolResult(mcp=_text("done")))


def _text(text: str) -> bytes:
    return json.dumps({"content": [{"type": "text", "text": text}]}).encode()


class Books:
    """Audit rows in memory. `broken`: nothing can be written."""

    def __init__(self) -> None:
        self.rows: list[tuple[str, str]] = []
        self.refused_tools: list[str] = []
        self.toolsets: list[str] = []  # of each intent and refusal
        self.broken: Fault | None = None

    @property
    def writable(self) -> bool:
        return self.broken is None

    async def intent(self, call: AllowedCall, toolset: str = "") -> None:
        if self.broken is not None:
            raise self.broken
        self.rows.append(("intent", call.tool))
        self.toolsets.append(toolset)

    def outcome(self, call_id: str, code: str, status: int, ms: float) -> None:
        assert call_id
        assert ms >= 0
        self.rows.append(("outcome", code))

    def refused(self, principal: Principal, tool: str, code: str, toolset: str = "") -> None:
        self.rows.append(("refused", code))
        self.toolsets.append(toolset)
        self.refused_tools.append(tool)


class KeptBooks:
    """The ledger and what calls taught, in memory."""

    def __init__(self) -> None:
        self.spent: dict[str, Spent] = {}
        self.lessons: list[Lesson] = []

    async def write(self, spent: Sequence[Spent], lessons: Sequence[Lesson]) -> None:
        self.spent |= {task.id: task for task in spent}
        self.lessons += lessons

    async def learned(self, organization: str) -> Learned:
        return Learned()


class Versioned(SandboxConnections):
    """Made-up connections whose version grows with every refresh."""

    version = 1
    connected_by_now = True

    async def find(self, principal: Principal, service: Service) -> ConnectionRef | None:
        if not self.connected_by_now:
            return None
        found = await super().find(principal, service)
        return found and msgspec.structs.replace(found, version=self.version)

    async def refresh(self, ref: ConnectionRef) -> None:
        assert ref.version == self.version
        self.version += 1


class World:
    """A gateway and everything around it."""

    def __init__(
        self,
        folder: Path,
        settings: GatewaySettings | None = None,
        *,
        refreshing: bool = False,
        connected: bool = True,
        links: Links = no_links,
        curated: Curated | None = None,
    ) -> None:
        self.catalog = catalog(folder)
        keys = {category: TicketKey.generate() for category in CATEGORIES}
        self.port = EchoPort(keys["code"])
        self.books = Books()
        self.upstreams = TalkingUpstreams()
        self.kept = KeptBooks()
        connections = self.connections = Versioned(self.catalog.services)
        connections.connected_by_now = connected
        parts = Parts(
            self.catalog,
            SmallMeta(),
            self.upstreams,
            Credentials(connections, Sealer(keys), connections.refresh if refreshing else None),
            OnePort(self.port),
            self.books,
            curated or NothingCurated(),
            self.kept,
            links,
        )
        self.gateway = Gateway(parts, settings or GatewaySettings(), SERVER, "Use it.")


__all__ = ["GUEST", "OWNER", "Internal", "World", "admit", "admit_anybody", "authenticate"]
