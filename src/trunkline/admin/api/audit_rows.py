"""Looking through the audit log: one organization's calls, the newest first, page by page.

However rare what is looked for, one look reads at most `BUDGET` rows and says how far it came, so that a page of a log
with a million rows takes no longer than one of an empty log. Each look goes along one index: that of failed calls, of a
user, of a service, or of the whole organization; what else is asked for is checked row by row.
"""

from dataclasses import dataclass
from typing import Any, Final

import msgspec
from sqlalchemy import ColumnElement, Select, and_, func, or_, select, true
from sqlalchemy.ext.asyncio import AsyncEngine

from trunkline.infra.tables import audit
from trunkline.infra.tables.audit import CALLS, FAULTS

BUDGET: Final = 10_000
OK: Final = "ok"
FAILED: Final = "failed"
_FACTS: Final = ("call", "tool", "service", "effect", "subject", "connection", "arguments", "toolset")
_outcome = audit.alias("outcome")
_intent = audit.alias("intent")


class Place(msgspec.Struct, frozen=True):
    """A row's place in time: `at`, and `seq` among rows of the same moment."""

    at: float
    seq: int


class Wanted(msgspec.Struct, frozen=True):
    """What is looked for. Empty: anything. `outcome` is ok, failed (any fault), or the code of a fault."""

    organization: str
    subjects: tuple[str, ...] | None = None
    service: str = ""
    tool: str = ""
    outcome: str = ""
    since: float = 0.0
    until: float = 0.0


class Call(msgspec.Struct, frozen=True):
    """A call. `code` is empty where its end was not written (it runs, or its process was killed)."""

    seq: int
    at: float
    call: str
    tool: str
    service: str
    effect: str
    subject: str
    connection: str
    arguments: str
    toolset: str
    code: str
    status: int
    ms: float


class Found(msgspec.Struct, frozen=True):
    """`next` is where to look on; None at the log's beginning."""

    calls: tuple[Call, ...]
    next: Place | None


@dataclass(frozen=True, slots=True)
class AuditRows:
    """Reads the table; writes nothing."""

    engine: AsyncEngine

    async def look(self, wanted: Wanted, before: Place | None, limit: int) -> Found:
        """At most `limit` calls before a place."""
        look = _failed(wanted) if wanted.outcome not in ("", OK) else _made(wanted)
        walk = look.walk.where(*_span(wanted, before)).order_by(audit.c.at.desc(), audit.c.seq.desc())
        budget = limit + 1 if look.exact else BUDGET
        async with self.engine.connect() as connection:
            rows = (await connection.execute(look.shown(walk.limit(budget).subquery("walked"), limit + 1))).all()
            if len(rows) > limit:
                return Found(tuple(map(_call, rows[:limit])), Place(rows[limit - 1].walked_at, rows[limit - 1].seq))
            ends = (await connection.execute(walk.offset(budget - 1).limit(1))).first()
        return Found(tuple(map(_call, rows)), None if ends is None else Place(ends.at, ends.seq))

    async def one(self, organization: str, call: str) -> Call | None:
        """The call of this id, if it is the organization's."""
        ended = and_(_outcome.c.call == audit.c.call, _outcome.c.kind == "outcome")
        ends = ("code", "status", "ms")
        query = (
            select(audit.c.seq, audit.c.at, *(audit.c[name] for name in _FACTS))
            .add_columns(*(func.coalesce(_outcome.c[name], audit.c[name]).label(name) for name in ends))
            .select_from(audit.outerjoin(_outcome, ended))
            .where(audit.c.call == call, audit.c.kind == "intent", audit.c.organization == organization)
        )
        async with self.engine.connect() as connection:
            row = (await connection.execute(query)).first()
        return None if row is None else _call(row)


@dataclass(frozen=True, slots=True)
class _Look:
    """Which rows are walked (`exact`: all of them are wanted), and how each becomes a call."""

    walk: Select[Any]
    exact: bool
    failed: bool
    fits: tuple[tuple[str, Any], ...]

    def shown(self, walked: Any, most: int) -> Select[*tuple[Any, ...]]:
        other = _intent if self.failed else _outcome
        joined = and_(other.c.call == walked.c.call, walked.c.call != "", other.c.kind == other.name)
        # A failed call's row has the end alone; who called what stands in its intent. Refusals have both in one row.
        fact = {name: func.coalesce(other.c[name], walked.c[name]) if self.failed else walked.c[name] for name in _ALL}
        ends = walked if self.failed else other
        refused = walked.c.kind == "refused"
        code = func.coalesce(ends.c.code, walked.c.code)
        checks = [_fits(code if name == "code" else fact[name], value) for name, value in self.fits]
        return (
            select(
                walked.c.seq, walked.c.at.label("walked_at"), *(fact[name].label(name) for name in ("at", *_FACTS)),
                code.label("code"), *(func.coalesce(ends.c[name], 0).label(name) for name in ("status", "ms")),
            )
            .select_from(walked.outerjoin(other, joined))
            .where(or_(refused, walked.c.kind.in_(("intent", "outcome"))), *checks)
            .order_by(walked.c.at.desc(), walked.c.seq.desc())
            .limit(most)
        )  # fmt: skip


_ALL: Final = ("at", "organization", *_FACTS)


def _made(wanted: Wanted) -> _Look:
    """Along the calls of a user, of a service, or of the organization."""
    service = wanted.service or wanted.tool.partition("_")[0]
    walk = select(audit).where(CALLS, audit.c.organization == wanted.organization)
    rest: dict[str, Any] = {"tool": wanted.tool, "code": wanted.outcome}
    if wanted.subjects is not None and len(wanted.subjects) == 1:
        walk = walk.where(audit.c.subject == wanted.subjects[0])
        rest["service"] = wanted.service
    elif service:
        walk = walk.where(audit.c.service == service)
        rest["subject"] = wanted.subjects
    else:
        rest["subject"] = wanted.subjects
    fits = tuple((name, value) for name, value in rest.items() if value not in ("", None))
    return _Look(walk, exact=not fits, failed=False, fits=fits)


def _failed(wanted: Wanted) -> _Look:
    """Along the failures of all organizations: there are few."""
    code = "" if wanted.outcome == FAILED else wanted.outcome
    rest = {"subject": wanted.subjects, "service": wanted.service, "tool": wanted.tool, "code": code}
    fits = [(name, value) for name, value in rest.items() if value not in ("", None)]
    walk = select(audit).where(FAULTS)
    return _Look(walk, exact=False, failed=True, fits=(("organization", wanted.organization), *fits))


def _fits(column: ColumnElement[Any], value: Any) -> ColumnElement[bool]:
    return column == value if isinstance(value, str) else column.in_(value)


def _span(wanted: Wanted, before: Place | None) -> list[ColumnElement[bool]]:
    span: list[ColumnElement[bool]] = [true()]
    if wanted.since:
        span.append(audit.c.at >= wanted.since)
    if wanted.until:
        span.append(audit.c.at < wanted.until)
    if before is not None:
        span += [audit.c.at <= before.at, or_(audit.c.at < before.at, audit.c.seq < before.seq)]
    return span


def _call(row: Any) -> Call:
    facts = {name: getattr(row, name) for name in Call.__struct_fields__}
    return Call(**facts)
