"""A whole gateway in this process, with a sandbox for every service behind it, and a client of it."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import orjson

from trunkline.contract import Principal
from trunkline.gateway.events import MODERN, CallContext
from trunkline.gateway.gateway import Gateway
from trunkline.gateway.lane import Answer
from trunkline.gateway.tool_requests import ToolRequest
from trunkline.gateway.toolset import Caller, Toolset
from trunkline.infra import settings
from trunkline.programs.assembly import assembled
from trunkline.programs.settings import load

_CALLER = Caller(Principal("owner", "bench"), Toolset())


class Reply(msgspec.Struct, frozen=True):
    """The answer to a call: `text` is all that a model reads; `data` the first part of it, decoded if it is JSON."""

    text: str
    data: Any
    is_error: bool


class _Part(msgspec.Struct):
    type: str
    text: str = ""


class _Called(msgspec.Struct):
    content: list[_Part] = []
    is_error: bool = msgspec.field(default=False, name="isError")


class _Listed(msgspec.Struct):
    tools: list[msgspec.Raw]


class _Message(msgspec.Struct):
    result: msgspec.Raw = msgspec.Raw(b"{}")
    error: dict[str, Any] | None = None


@dataclass(frozen=True)
class Client:
    """Speaks the protocol's messages with a gateway, without a connection between."""

    gateway: Gateway

    async def menu(self) -> str:
        """The JSON text of the tools that the gateway lists."""
        answer = await self.gateway.lane.list_tools(self._request("", b""), _CALLER)
        listed = msgspec.json.decode(_result(answer), type=_Listed)
        return msgspec.json.encode(listed.tools).decode()

    async def call(self, name: str, arguments: dict[str, Any]) -> Reply:
        request = self._request(name, orjson.dumps(arguments))
        answer = await self.gateway.lane.call_tool(request, _CALLER, None)
        if not isinstance(answer, Answer):
            parts = [message async for message in answer.messages]
            answer = Answer(parts[-1])
        called = msgspec.json.decode(_result(answer), type=_Called)
        texts = [part.text for part in called.content]
        return Reply("\n".join(texts), _data(texts[0] if texts else ""), called.is_error)

    @staticmethod
    def _request(name: str, arguments: bytes) -> ToolRequest:
        return ToolRequest(1, bool(name), name, arguments, None, b"", CallContext(MODERN, None), modern=True)


def _data(text: str) -> Any:
    """What `text` holds: a value in JSON, perhaps with a remark in lines of its own behind it; else the text itself."""
    for candidate in (text, text.partition("\n")[0]):
        try:
            return orjson.loads(candidate)
        except orjson.JSONDecodeError:
            continue
    return text


def _result(answer: Answer) -> bytes:
    message = msgspec.json.decode(answer.body, type=_Message)
    if message.error is not None:
        raise RuntimeError(f"the gateway refused: {message.error}")
    return bytes(message.result)


@asynccontextmanager
async def gateway(data: Path, sandbox: str) -> AsyncGenerator[Client]:
    """A gateway with the catalog in `data`/catalog; every service is answered for by the sandbox at `sandbox`."""
    flags = {"data_dir": str(data), "sandbox": True, "sandbox_url": sandbox, "topology": "monolith"}
    async with assembled(load(settings.Sources({}, data / "none", {}, flags))) as assembly:
        yield Client(assembly.gateway)
