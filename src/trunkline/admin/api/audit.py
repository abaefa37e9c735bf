"""The audit log, as the API tells it: pages, whole as a file, and whether its chains are whole."""

import asyncio
import calendar
import csv
import io
import re
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

from trunkline.admin.api.audit_rows import AuditRows, Call, Place, Wanted
from trunkline.admin.api.endpoint import Endpoint, Given, Word
from trunkline.contract import NotFound
from trunkline.identity.directory import Directory
from trunkline.identity.ports import SignedIn
from trunkline.identity.roles import Role

PAGE_SIZE: Final = 50
CSV: Final = "text/csv; charset=utf-8"
JSONL: Final = "application/jsonl"
_FORMULA: Final = tuple("=+-@\t\r")
_EXPORTED: Final = 1000  # rows a look
# An empty parameter is one that was not filled in, so that every pattern lets it pass.
_DAY: Final = "20[0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
Moment = Annotated[str, Meta(pattern=f"^({_DAY}T([01][0-9]|2[0-3]):[0-5][0-9])?$", description="UTC")]
Code = Annotated[str, Meta(pattern="^[a-z_]{0,40}$", description="ok, failed (any fault), or the code of a fault")]
Cursor = Annotated[str, Meta(pattern=r"^([0-9]{1,12}(\.[0-9]{1,9})?-[0-9]{1,15})?$")]
Name = Annotated[str, Meta(pattern="^[A-Za-z0-9_-]{0,64}$")]


class AuditExport(Given, frozen=True):
    """Which calls: all that fit, in one. `user` is an id, a name or an e-mail address."""

    user: Word = ""
    service: Name = ""
    tool: Name = ""
    outcome: Code | None = None
    since: Moment | None = None
    until: Moment | None = None


class AuditQuery(AuditExport, frozen=True):
    """One page of them; `before` is `next` of the page before."""

    before: Cursor | None = None


class AuditCall(msgspec.Struct, frozen=True):
    """A call. `outcome` is ok, the code of a fault, or empty where no end was written; `status` is the service's."""

    at: float
    call: str
    user: str
    user_name: str
    tool: str
    service: str
    effect: str
    outcome: str
    status: int
    ms: float
    connection: str
    arguments_sha256: str
    toolset: str


class AuditPage(msgspec.Struct, frozen=True):
    """The newest first. With a `next` there may be more, even where this page holds none: ask on with it."""

    calls: tuple[AuditCall, ...]
    next: str


class OneCall(Given, frozen=True):
    call: Annotated[str, Meta(pattern="^[A-Za-z0-9-]{1,64}$")]


class Stage(msgspec.Struct, frozen=True):
    """A part of a call's time, in milliseconds from its begin."""

    name: Literal["allow", "record", "upstream", "rest"]
    begins: float
    lasts: float


class CallDetail(msgspec.Struct, frozen=True):
    """`stages` are empty for a call that is not among the latest of this process."""

    call: AuditCall
    stages: tuple[Stage, ...]


class Break(msgspec.Struct, frozen=True):
    """A row that does not follow from the one before it."""

    seq: int
    chain: str
    position: int
    reason: str


class ChainCheck(msgspec.Struct, frozen=True):
    """What recomputing every hash found. `unclosed` chains are of processes that run, or were killed."""

    rows: int
    chains: int
    unclosed: int
    intact: bool
    breaks: tuple[Break, ...]


@dataclass(frozen=True, slots=True)
class Audit:
    """For admins. The check reads the rows of all organizations, and is for owners; it does not run twice at once."""

    rows: AuditRows
    directory: Directory
    verify: Callable[[], Awaitable[ChainCheck]]
    stages: Callable[[str], tuple[Stage, ...]]
    _checking: asyncio.Lock = field(default_factory=asyncio.Lock)

    def endpoints(self) -> Iterable[Endpoint]:
        admin = Role.ADMIN
        yield Endpoint("GET", "/audit", admin, "Calls", self.list, AuditQuery, AuditPage)
        yield Endpoint("GET", "/audit.csv", admin, "Calls as CSV", self.as_csv, AuditExport, str, CSV)
        yield Endpoint("GET", "/audit.jsonl", admin, "Calls as JSON lines", self.as_lines, AuditExport, str, JSONL)
        yield Endpoint("GET", "/audit/{call}", admin, "A call", self.show, OneCall, CallDetail)
        yield Endpoint("POST", "/audit/check", Role.OWNER, "Check the chains", self.check, answer=ChainCheck)

    async def list(self, by: SignedIn, given: AuditQuery) -> AuditPage:
        before = None if given.before is None else _place(given.before)
        found = await self.rows.look(await self._wanted(by, given), before, PAGE_SIZE)
        names = await self.directory.names({call.subject for call in found.calls})
        next = "" if found.next is None else f"{found.next.at:.9f}-{found.next.seq}"
        return AuditPage(tuple(_shown(call, names) for call in found.calls), next)

    async def show(self, by: SignedIn, given: OneCall) -> CallDetail:
        """Raises NotFound."""
        call = await self.rows.one(by.organization, given.call)
        if call is None:
            raise NotFound("There is no such call.", "The audit page lists them.")
        names = await self.directory.names({call.subject})
        return CallDetail(_shown(call, names), self.stages(call.call))

    async def as_csv(self, by: SignedIn, given: AuditExport) -> AsyncGenerator[bytes, None]:
        """With a head; what a spreadsheet would take for a formula is quoted."""
        return _csv(self._all(await self._wanted(by, given)))

    async def as_lines(self, by: SignedIn, given: AuditExport) -> AsyncGenerator[bytes, None]:
        return _lines(self._all(await self._wanted(by, given)))

    async def check(self, _by: SignedIn, _given: Given) -> ChainCheck:
        async with self._checking:
            return await self.verify()

    async def _all(self, wanted: Wanted) -> AsyncGenerator[Sequence[AuditCall], None]:
        """Every page, as long as there is one: memory does not grow with the log."""
        before: Place | None = None
        while True:
            found = await self.rows.look(wanted, before, _EXPORTED)
            names = await self.directory.names({call.subject for call in found.calls})
            yield [_shown(call, names) for call in found.calls]
            before = found.next
            if before is None:
                return

    async def _wanted(self, by: SignedIn, given: AuditExport) -> Wanted:
        subjects = await self.directory.called(by.organization, given.user) if given.user.strip() else None
        return Wanted(
            by.organization, subjects, given.service, given.tool, given.outcome or "",
            _seconds(given.since), _seconds(given.until),
        )  # fmt: skip


def _shown(call: Call, names: Mapping[str, str]) -> AuditCall:
    return AuditCall(
        call.at, call.call, call.subject, names.get(call.subject, ""), call.tool, call.service, call.effect,
        call.code, call.status, call.ms, call.connection, call.arguments, call.toolset,
    )  # fmt: skip


def _place(cursor: str) -> Place:
    at, _, seq = cursor.partition("-")
    return Place(float(at), int(seq))


def _seconds(moment: str | None) -> float:
    """Days that a month does not have are those of the next one."""
    if moment is None:
        return 0.0
    year, month, day, hour, minute = map(int, re.split("[-T:]", moment))
    return float(calendar.timegm((year, month, day, hour, minute, 0)))


async def _csv(pages: AsyncGenerator[Sequence[AuditCall], None]) -> AsyncGenerator[bytes, None]:
    yield _csv_of([AuditCall.__struct_fields__])
    async for page in pages:
        yield _csv_of([[_cell(value) for value in msgspec.structs.astuple(call)] for call in page])


def _csv_of(rows: Iterable[Sequence[object]]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()


def _cell(value: object) -> object:
    return f"'{value}" if isinstance(value, str) and value[:1] in _FORMULA else value


async def _lines(pages: AsyncGenerator[Sequence[AuditCall], None]) -> AsyncGenerator[bytes, None]:
    async for page in pages:
        yield b"".join(msgspec.json.encode(call) + b"\n" for call in page)
