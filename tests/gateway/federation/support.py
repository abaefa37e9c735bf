"""What the federation's tests need: a federation of one server, and clients of both eras."""

import asyncio
import json
import time
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from trunkline.contract import AllowedCall, Done, Effect, Failed
from trunkline.gateway.events import (
    CallContext,
    ClientReply,
    ClientRequest,
    LaneEvent,
    Notification,
    ProtocolError,
    each,
)
from trunkline.gateway.federation.federation import Federation
from trunkline.gateway.federation.settings import parse

Json = dict[str, Any]
LEGACY = "2025-11-25"
_KEY = "io.modelcontextprotocol/"


@dataclass
class Client:
    """A legacy client's session (`events.ClientSession`) that offers sampling and elicitation."""

    id: str = "session-1"
    protocol: str = LEGACY
    heard: list[Notification] = field(default_factory=list[Notification])

    @property
    def initialize(self) -> bytes:
        capabilities: Json = {"sampling": {}, "elicitation": {}, "roots": {}}
        info = {"name": "tests", "version": "1"}
        hello: Json = {"protocolVersion": self.protocol, "capabilities": capabilities, "clientInfo": info}
        return json.dumps(hello).encode()

    def notify(self, notification: Notification) -> None:
        self.heard.append(notification)

    async def request(self, method: str, params: bytes) -> ClientReply:
        return answer_to(method)


def answer_to(method: str) -> ClientReply:
    """What the test's client answers when it is asked something."""
    answers: dict[str, Json] = {
        "sampling/createMessage": {"role": "assistant", "model": "m", "content": {"type": "text", "text": "Paris"}},
        "elicitation/create": {"action": "accept", "content": {"username": "ann", "email": "a@b.example"}},
    }
    return ClientReply(result=json.dumps(answers[method]).encode())


def modern(capabilities: Json | None = None, **meta: Any) -> CallContext:
    envelope = {_KEY + "protocolVersion": "2026-07-28", _KEY + "clientCapabilities": capabilities or {}}
    return CallContext(meta=json.dumps(envelope | meta).encode())


def legacy(client: Client | None = None, **meta: Any) -> CallContext:
    return CallContext(LEGACY, client or Client(), json.dumps(meta).encode() if meta else b"")


@dataclass
class Outcome:
    """All events of one call."""

    events: list[LaneEvent]

    @property
    def end(self) -> LaneEvent:
        return self.events[-1]

    @property
    def result(self) -> Json:
        assert isinstance(self.end, Done), self.end
        return json.loads(self.end.result.mcp)

    @property
    def text(self) -> str:
        return self.result["content"][0]["text"]

    @property
    def code(self) -> str:
        assert isinstance(self.end, Failed), self.end
        return self.end.fact.code

    @property
    def error(self) -> Json:
        assert isinstance(self.end, ProtocolError), self.end
        return json.loads(self.end.error)

    @property
    def methods(self) -> list[str]:
        return [event.method for event in self.events if isinstance(event, Notification | ClientRequest)]


async def outcome(events: AsyncIterator[LaneEvent]) -> Outcome:
    """Runs a call to its end and answers what the server asks meanwhile."""
    seen: list[LaneEvent] = []
    async with asyncio.timeout(30):
        async for event in events:
            seen.append(event)
            if isinstance(event, ClientRequest):
                event.reply.set_result(answer_to(event.method))
    return Outcome(seen)


def allowed(tool: str, arguments: Json | None = None, effect: Effect = Effect.READ, seconds: float = 10) -> AllowedCall:
    """As `policy.decide` would allow it."""
    text = json.dumps(arguments or {}).encode()
    deadline = time.time() + seconds
    return AllowedCall("call-1", tool, "up", "code", effect, effect is Effect.READ, text, "ann", "org", (), deadline)


@dataclass
class Rig:
    """A federation with one upstream server `up` that speaks `era`."""

    federation: Federation
    era: str

    @classmethod
    @asynccontextmanager
    async def of(cls, url: str, era: str = "both", prefix: str = "") -> AsyncGenerator["Rig"]:
        federation = Federation(parse({"up": {"url": url, "prefix": prefix}}))
        await federation.start()
        try:
            yield cls(federation, era)
        finally:
            await federation.close()

    async def call(self, context: CallContext, tool: str, arguments: Json | None = None) -> Outcome:
        return await outcome(each(await self.federation.call(allowed(tool, arguments), context)))

    async def ask(self, context: CallContext, method: str, params: Json | None = None) -> Outcome:
        return await outcome(self.federation.relay(method, json.dumps(params or {}).encode(), context))
