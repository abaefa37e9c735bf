"""The gateway's end of the stream to one category server: many calls share it."""

import asyncio
from collections import deque
from collections.abc import Callable

import msgspec

from trunkline.contract import AllowedCall, Done, Event, Failed, Overloaded
from trunkline.contract.wire import Call, Cancel, FromCategory, Hello, Pong
from trunkline.infra.frames import Buffer, FrameStream

_MOST_EVENTS = 256  # that wait for a slow consumer, for one call
_encode = msgspec.msgpack.Encoder().encode


class Exchange:
    """One call on a link: its events, in order."""

    def __init__(self, call: AllowedCall) -> None:
        self.call = call
        self._events: deque[Event | None] = deque()
        self._waiter: asyncio.Future[None] | None = None

    async def next(self) -> Event | None:
        """The next event; None when the category server is gone."""
        if not self._events:
            self._waiter = asyncio.get_running_loop().create_future()
            await self._waiter
        return self._events.popleft()

    def put(self, event: Event | None) -> None:
        self._events.append(event)
        waiter, self._waiter = self._waiter, None
        if waiter is not None and not waiter.done():
            waiter.set_result(None)

    @property
    def full(self) -> bool:
        return len(self._events) >= _MOST_EVENTS


class Link:
    """A live stream to a category server. `on_lost` is called once, when it is gone."""

    def __init__(self, on_lost: Callable[["Link"], None]) -> None:
        self.stream = FrameStream(self._on_frame, self._lose, yields=False)
        self.hello: asyncio.Future[Hello] = asyncio.get_running_loop().create_future()
        self.heard = False  # anything, since this was last set to False
        self._on_lost = on_lost
        self._exchanges: dict[str, Exchange] = {}
        self._decoder: msgspec.msgpack.Decoder[FromCategory] = msgspec.msgpack.Decoder(FromCategory)

    @property
    def in_flight(self) -> int:
        return len(self._exchanges)

    def open(self, call: AllowedCall, ticket: bytes) -> Exchange | None:
        """Sends a call; None if the link is gone, and nothing was sent."""
        if not self.send(Call(call, ticket)):
            return None
        exchange = self._exchanges[call.id] = Exchange(call)
        return exchange

    def release(self, exchange: Exchange) -> None:
        """The consumer wants no more of it; a call still under way is given up."""
        if self._exchanges.pop(exchange.call.id, None) is not None:
            self.send(Cancel(exchange.call.id))

    def send(self, message: msgspec.Struct) -> bool:
        return self.stream.send(_encode(message))

    def __contains__(self, call_id: str) -> bool:
        return call_id in self._exchanges

    def _on_frame(self, frame: Buffer) -> None:
        self.heard = True
        message = self._decoder.decode(frame)
        if isinstance(message, Hello):
            if not self.hello.done():
                self.hello.set_result(message)
        elif not isinstance(message, Pong):
            self._on_event(message)

    def _on_event(self, event: Event) -> None:
        exchange = self._exchanges.get(event.call)
        if exchange is None:  # given up meanwhile
            return
        if isinstance(event, Done | Failed):
            del self._exchanges[event.call]
        elif exchange.full:
            self.release(exchange)
            event = Failed(event.call, Overloaded("the answer is not taken as fast as it comes").fact())
        exchange.put(event)

    def _lose(self) -> None:
        exchanges, self._exchanges = self._exchanges, {}
        for exchange in exchanges.values():
            exchange.put(None)
        self.hello.cancel()
        self._on_lost(self)
