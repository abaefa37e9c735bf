"""What changed upstream, for whoever listens: one fan-out for all upstream servers."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any, Final

import msgspec
import orjson

from trunkline.contract import Done, ToolResult
from trunkline.gateway.events import LaneEvent, Notification

UPDATED: Final = "notifications/resources/updated"
TOOLS: Final = "notifications/tools/list_changed"
LISTS: Final = {
    TOOLS: "toolsListChanged",
    "notifications/prompts/list_changed": "promptsListChanged",
    "notifications/resources/list_changed": "resourcesListChanged",
}
_SUBSCRIPTION: Final = "io.modelcontextprotocol/subscriptionId"
_BACKLOG: Final = 1024

Listener = Callable[[Notification], None]


class Filter(msgspec.Struct, rename="camel", omit_defaults=True):
    """Which changes a `subscriptions/listen` asks for (2026-07-28, basic/subscriptions)."""

    tools_list_changed: bool = False
    prompts_list_changed: bool = False
    resources_list_changed: bool = False
    resource_subscriptions: list[str] = []

    def admits(self, change: Notification) -> bool:
        if change.method == UPDATED:
            return uri_of(change) in self.resource_subscriptions
        return bool(msgspec.to_builtins(self).get(LISTS.get(change.method, "")))


class Changes:
    """Calls every listener with every change."""

    def __init__(self) -> None:
        self._listeners: dict[object, Listener] = {}

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """`listener` must not raise. Returns what ends the subscription."""
        key = object()
        self._listeners[key] = listener

        def end() -> None:
            self._listeners.pop(key, None)

        return end

    def publish(self, change: Notification) -> None:
        for listener in list(self._listeners.values()):
            listener(change)

    async def stream(self, wanted: Filter, subscription: bytes) -> AsyncIterator[LaneEvent]:
        """The events of one listen stream: its acknowledgement, then every change that `wanted` admits.

        `subscription` is the JSON text of its id. A reader that falls `_BACKLOG` changes behind is ended.
        """
        queue: asyncio.Queue[Notification] = asyncio.Queue(_BACKLOG)
        overrun = asyncio.Event()

        def deliver(change: Notification) -> None:
            if wanted.admits(change):
                if queue.full():
                    overrun.set()
                else:
                    queue.put_nowait(change)

        end = self.subscribe(deliver)
        try:
            honored = b'{"notifications":' + msgspec.json.encode(wanted) + b"}"
            yield stamped(Notification("notifications/subscriptions/acknowledged", honored), subscription)
            while not overrun.is_set():
                yield stamped(await queue.get(), subscription)
            yield Done("", ToolResult(mcp=b'{"resultType":"complete",%b}' % _meta(subscription)))
        finally:
            end()


def stamped(change: Notification, subscription: bytes) -> Notification:
    """The change as it goes onto one listen stream: with that stream's id."""
    rest = change.params.strip()[1:] or b"}"
    comma = b"" if rest.lstrip() == b"}" else b","
    return Notification(change.method, b"{" + _meta(subscription) + comma + rest)


def bare(change: Notification) -> Notification:
    """The change without the id of the stream it came on."""
    params = msgspec.json.decode(change.params, type=dict[str, msgspec.Raw]) if change.params else {}
    params.pop("_meta", None)
    return Notification(change.method, msgspec.json.encode(params) if params else b"")


def uri_of(change: Notification) -> str:
    params: Any = msgspec.json.decode(change.params) if change.params else {}
    return str(params.get("uri", ""))


def _meta(subscription: bytes) -> bytes:
    return b'"_meta":{%b:%b}' % (orjson.dumps(_SUBSCRIPTION), subscription)
