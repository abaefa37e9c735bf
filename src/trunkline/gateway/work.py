"""The tasks of agents, as far as the gateway can tell them apart: what each cost, saw and did.

A task is a legacy session, or what one client of one caller does without a pause. It lives in memory while it goes on;
its ledger and what its calls taught are written in the background, a few seconds later.
"""

import asyncio
import itertools
import secrets
import time
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Final

from trunkline.contract import Done, Failed, Principal
from trunkline.economy.spent import Books, Lesson, Spent
from trunkline.gateway.events import CallContext, End, ProtocolError
from trunkline.gateway.menu import client_of
from trunkline.gateway.toolset import Caller, Toolset
from trunkline.selection.estimate import tokens_of

PAUSE: Final = 600.0  # seconds without a request after which the next one begins another task
WRITE_EVERY: Final = 5.0
_TASKS: Final = 2_048  # in memory
_REMEMBERED: Final = 256  # tools that a task was shown
_RECENT: Final = 3  # calls that the next one may follow from
_LESSONS: Final = 10_000  # that wait to be written
_CLIENT: Final = 64  # characters of what a client calls itself
_FRAME: Final = 8  # tokens around a call: its name, and what makes it one
_BAD: Final = ("upstream_failed", "upstream_timeout")  # ends that speak against a tool

Shown = Callable[[Toolset, str], Awaitable[int]]
"""Tokens of what a client is shown at a toolset."""
Listings = Callable[[Principal], Awaitable[tuple[int, int]]]
"""Tokens of listing all tools, and all tools of the services that a caller has connected."""


class Work:
    """One task (a `toolset.Seen`)."""

    __slots__ = (
        "_described", "_shown", "answers", "began", "calls", "client", "discovery", "ended", "id", "recent", "schemas",
        "searched", "toolset", "turns", "used", "who", "written",
    )  # fmt: skip

    def __init__(self, id: str, caller: Caller, client: str, now: float) -> None:
        self.id = id
        self.who = caller.principal
        self.toolset = caller.toolset
        self.client = client[:_CLIENT]
        self.began = self.ended = time.time()
        self.used = now
        self.written = False
        self.turns = self.discovery = self.schemas = self.calls = self.answers = 0
        self.searched = False
        self._described: set[str] = set()
        self._shown: set[str] = set()
        self.recent: deque[str] = deque(maxlen=_RECENT)

    def first_described(self, what: str) -> bool:
        """Whether a schema was not shown to the agent yet; from now on it was."""
        return _first(self._described, what)

    def first_shown(self, name: str) -> bool:
        """The same of a signature."""
        return _first(self._shown, name)


class Works:
    """All tasks of this process; `now` is monotonic."""

    def __init__(
        self, books: Books, shown: Shown, listings: Listings, now: Callable[[], float] = time.monotonic
    ) -> None:
        self._books = books
        self._shown = shown
        self._listings = listings
        self._now = now
        self._tasks: dict[object, Work] = {}
        self._ended: list[Work] = []
        self._lessons: list[Lesson] = []
        self._prefix = secrets.token_hex(6)
        self._numbers = itertools.count(1)

    def of(self, caller: Caller, context: CallContext) -> Work:
        """The task that a request belongs to."""
        session, client = context.session, client_of(context)
        key = (session.id if session is not None else "", caller.principal, caller.toolset, client)
        work, now = self._tasks.pop(key, None), self._now()
        if work is None or work.used + PAUSE < now:
            self._end(work)
            work = Work(f"{self._prefix}-{next(self._numbers):x}", caller, client, now)
            if len(self._tasks) >= _TASKS:
                self._end(self._tasks.pop(next(iter(self._tasks))))
        self._tasks[key] = work
        work.used, work.written = now, False
        return work

    def called(self, work: Work, tool: str, arguments: bytes, end: End) -> None:
        """A tool of a service was called."""
        work.calls += tokens_of(arguments) + _FRAME
        work.answers += answered(end)
        self._ends_turn(work)
        good = isinstance(end, Done) and not end.result.is_error
        bad = isinstance(end, Done) or (isinstance(end, Failed) and end.fact.code in _BAD)
        if work.searched and (good or bad) and len(self._lessons) < _LESSONS:
            before = work.recent[-1] if work.recent else ""
            self._lessons.append(Lesson(work.who.organization, tool, good, before))
        if good:
            work.recent.append(tool)

    def discovered(self, work: Work, arguments: bytes, end: End, *, schemas: bool) -> None:
        """A meta-tool answered; `schemas`: with what tools take."""
        tokens = tokens_of(arguments) + _FRAME + answered(end)
        if schemas:
            work.schemas += tokens
        else:
            work.discovery += tokens
            work.searched = True
        self._ends_turn(work)

    async def run(self) -> None:
        """Writes what is new, again and again."""
        while True:
            await asyncio.sleep(WRITE_EVERY)
            await self.write()

    async def write(self) -> None:
        """Writes what is new."""
        ended, self._ended = self._ended, []
        lessons, self._lessons = self._lessons, []
        new = [work for work in (*ended, *self._tasks.values()) if not work.written and work.turns]
        if new or lessons:
            for work in new:
                work.written = True
            await self._books.write([await self._row(work) for work in new], lessons)

    async def _row(self, work: Work) -> Spent:
        menu = await self._shown(work.toolset, work.client)
        everything, connected = await self._listings(work.who)
        return Spent(
            work.id, work.who.organization, work.who.subject, work.toolset.name, work.client, work.began, work.ended,
            work.turns, menu, work.discovery, work.schemas, work.calls, work.answers, everything, connected,
        )  # fmt: skip

    def _ends_turn(self, work: Work) -> None:
        work.turns += 1
        work.ended = time.time()
        work.written = False

    def _end(self, work: Work | None) -> None:
        if work is not None and not work.written:
            self._ended.append(work)


def _first(seen: set[str], what: str) -> bool:
    if what in seen:
        return False
    if len(seen) >= _REMEMBERED:
        seen.clear()
    seen.add(what)
    return True


def answered(end: End) -> int:
    """Tokens of what the agent reads of an end."""
    if isinstance(end, ProtocolError):
        return tokens_of(end.error)
    if isinstance(end, Failed):
        return tokens_of(f"{end.fact.message} {end.fact.hint}".encode())
    result = end.result
    return tokens_of(result.mcp or result.text.encode()) + (tokens_of(result.note.encode()) if result.note else 0)
