"""A category server at the end of a socket: frames in, frames out, many calls at a time."""

import asyncio
import os
import socket
from contextlib import suppress
from typing import Final

import msgspec

from trunkline.category.inflight import End
from trunkline.category.server import CategoryServer
from trunkline.contract import Failed, Fault
from trunkline.contract.wire import Call, Cancel, Drain, Hello, Ping, Pong, ToCategory
from trunkline.infra.frames import Buffer, FrameStream

DRAIN_SECONDS: Final = 30.0
_encode = msgspec.msgpack.Encoder().encode


async def serve(sock: socket.socket, server: CategoryServer) -> None:
    """Serves until the gateway asks to drain, or is gone."""
    session = _Session(server)
    await asyncio.get_running_loop().create_unix_connection(lambda: session.stream, sock=sock)
    session.stream.send(_encode(Hello(server.category, os.getpid())))
    await session.ended.wait()
    if session.stream.open:
        with suppress(TimeoutError):
            async with asyncio.timeout(DRAIN_SECONDS):
                await server.drained()
    session.stream.close()
    await server.close()


class _Session:
    def __init__(self, server: CategoryServer) -> None:
        self.stream = FrameStream(self._on_frame, self._on_lost, yields=True)
        self.ended = asyncio.Event()
        self._server = server
        self._decoder: msgspec.msgpack.Decoder[ToCategory] = msgspec.msgpack.Decoder(ToCategory)

    def _on_lost(self) -> None:
        self.ended.set()

    def _on_frame(self, frame: Buffer) -> None:
        message = self._decoder.decode(frame)
        match message:
            case Call():
                self._on_call(message)
            case Cancel(call_id):
                self._server.give_up(call_id)
            case Ping(number):
                self.stream.send(_encode(Pong(number, self._server.in_flight)))
            case Drain():
                self.ended.set()

    def _on_call(self, message: Call) -> None:
        try:
            task = self._server.begin(message.call, message.ticket)
        except Fault as fault:
            self.stream.send(_encode(Failed(message.call.id, fault.fact())))
            return
        task.add_done_callback(self._on_end)

    def _on_end(self, task: asyncio.Task[End]) -> None:
        self.stream.send(_encode(task.result()))
