"""This process's standard input and output as a client's connection."""

import asyncio
import contextlib
import os
import stat
import sys
from typing import TYPE_CHECKING, Final

from trunkline.gateway import rpc
from trunkline.gateway.lane import Lane
from trunkline.gateway.line import Line
from trunkline.gateway.rpc import one_line
from trunkline.gateway.stdio import LINE_LIMIT, Connection
from trunkline.gateway.toolset import Caller
from trunkline.infra.tasks import Tasks

if TYPE_CHECKING:
    from trunkline.gateway.sdk_stdio import SdkStdio

_BACKLOG: Final = 256  # messages a slow client may leave unread
_LAST_SECONDS: Final = 5.0  # for answers under way when the input ends
_TOO_LONG: Final = rpc.Refusal(rpc.INVALID_REQUEST, "Message too large").message_bytes()


async def serve(lane: Lane, line: Line, caller: Caller) -> None:
    """Answers until the input ends. Whatever else writes to standard output meanwhile goes to standard error."""
    output = os.dup(sys.stdout.fileno())
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    try:
        await converse(lane, line, caller, sys.stdin.fileno(), output)
    finally:
        os.dup2(output, sys.stdout.fileno())
        os.close(output)


async def converse(lane: Lane, line: Line, caller: Caller, input: int, output: int) -> None:
    """The same over any two file descriptors."""
    reader = await _reader(input)
    writer = Lines(output)
    tasks = Tasks()
    connection = Connection(lane, line, caller, writer.write)
    sdk = await asyncio.to_thread(_sdk, line, connection)
    connection.sdk = sdk
    try:
        tasks.start(writer.run(), "stdio output")
        sdk.start(tasks)
        await _take_all(reader, connection, writer)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_LAST_SECONDS):
                await connection.answered.wait()
                await writer.flushed()
    finally:
        await connection.close()
        await tasks.close()
        sdk.close()


async def _take_all(reader: asyncio.StreamReader, connection: Connection, writer: "Lines") -> None:
    while True:
        try:
            body = await reader.readline()
        except ValueError:  # longer than the reader's limit
            await writer.write(_TOO_LONG)
            continue
        if not body:
            return
        if body.strip():
            await connection.take(body)


class Lines:
    """Writes messages to a file descriptor, one a line, in order. A client that does not read makes writers wait."""

    def __init__(self, fd: int) -> None:
        self._fd = fd
        self._queue: asyncio.Queue[bytes] = asyncio.Queue(_BACKLOG)

    async def write(self, message: bytes) -> None:
        await self._queue.put(one_line(message) + b"\n")

    async def run(self) -> None:
        """Writes until it is cancelled, or until the client is gone."""
        while True:
            line = await self._queue.get()
            try:
                await asyncio.to_thread(_write_all, self._fd, line)
            finally:
                self._queue.task_done()

    async def flushed(self) -> None:
        await self._queue.join()


def _write_all(fd: int, data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(fd, rest) :]


async def _reader(fd: int) -> asyncio.StreamReader:
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader(LINE_LIMIT)
    if stat.S_ISREG(os.fstat(fd).st_mode):  # a file is always ready, which no event loop can wait for
        with os.fdopen(os.dup(fd), "rb") as file:
            reader.feed_data(await asyncio.to_thread(file.read))
        reader.feed_eof()
        return reader
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(os.dup(fd), "rb"))
    return reader


def _sdk(line: Line, connection: Connection) -> "SdkStdio":
    from trunkline.gateway.sdk_stdio import SdkStdio  # noqa: PLC0415 - imports the SDK, on purpose off the loop

    return SdkStdio(line, connection)
