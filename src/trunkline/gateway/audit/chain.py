"""Checks that no audit row was changed, removed or put in between."""

from collections.abc import Iterable
from typing import Any

import msgspec
from sqlalchemy import Select, select

from trunkline.gateway.audit.row import COLUMNS, GENESIS, Event, link
from trunkline.infra.engine import plain_engine
from trunkline.infra.location import Location
from trunkline.infra.tables import audit

_AT_ONCE = 1000  # rows in memory
_ROWS: Select[Any] = select(audit.c.seq, *(audit.c[name] for name in COLUMNS)).order_by(audit.c.seq)


class Break(msgspec.Struct, frozen=True):
    """A row that does not follow from the one before it."""

    seq: int
    chain: str
    position: int
    reason: str


class Verdict(msgspec.Struct, frozen=True):
    """`unclosed` names chains without a closing row: a running or killed process, or a log cut at its end."""

    rows: int
    chains: int
    unclosed: tuple[str, ...]
    breaks: tuple[Break, ...]

    @property
    def intact(self) -> bool:
        return not self.breaks


class _Chain:
    def __init__(self) -> None:
        self.hash = GENESIS
        self.position = 0
        self.closed = False


def verify(where: Location) -> Verdict:
    """Recomputes every hash of the audit log in the database. Reads row by row: memory does not grow."""
    engine = plain_engine(where)
    try:
        with engine.connect().execution_options(yield_per=_AT_ONCE) as connection:
            rows: Iterable[tuple[Any, ...]] = connection.execute(_ROWS)
            return _verify(rows)
    finally:
        engine.dispose()


def _verify(rows: Iterable[tuple[Any, ...]]) -> Verdict:
    chains: dict[str, _Chain] = {}
    breaks: list[Break] = []
    count = 0
    for seq, chain, position, *facts, hash_ in rows:
        count += 1
        state = chains.setdefault(chain, _Chain())
        reason = _fault(state, chain, position, Event(*facts), hash_)
        if reason:
            breaks.append(Break(seq, chain, position, reason))
        state.hash, state.position, state.closed = hash_, position + 1, facts[1] == "close"
    unclosed = tuple(name for name, state in chains.items() if not state.closed)
    return Verdict(count, len(chains), unclosed, tuple(breaks))


def _fault(state: _Chain, chain: str, position: int, event: Event, hash_: bytes) -> str:
    if state.closed:
        return "a row after the closing one"
    if position != state.position:
        return f"rows are missing: position {state.position} was expected"
    return "" if link(state.hash, chain, position, event) == hash_ else "the row was changed"
