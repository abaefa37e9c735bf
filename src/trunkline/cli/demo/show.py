"""The demo's result for a person."""

import textwrap
from collections.abc import Iterator

import msgspec
from rich.console import Console

from trunkline.cli.demo.conversation import Conversation, comes_before, name_of
from trunkline.cli.demo.report import Report

_SHOWN = 3  # tools found, for each intent
_LINE = 220  # characters of a signature or an answer
_HANGING = " " * 13


def show(report: Report, console: Console) -> None:
    """Prints the conversation step by step, then the ledger."""
    for style, line in lines(report):
        for part in textwrap.wrap(line, console.width, subsequent_indent=_HANGING) or [""]:
            console.print(part, style=style, markup=False)


def lines(report: Report) -> Iterator[tuple[str, str]]:
    """Style and text of each line."""
    talk = report.conversation
    yield "bold", f"request: {talk.request}"
    yield "dim", f"gateway and sandbox started as processes; ready in {report.start_seconds:.2f} s"
    yield from _found(report)
    yield from _schemas(talk)
    yield from _calls(report)
    yield from _ledger(report)


def _found(report: Report) -> Iterator[tuple[str, str]]:
    talk = report.conversation
    yield from _title(1, f"tools/list: {len(talk.menu)} tools", _tokens(talk, 0))
    yield "", f"   {', '.join(talk.menu)}"
    yield from _title(2, "find_tools", _tokens(talk, 1))
    for intent, found in talk.found.items():
        yield "cyan", f"   {intent}"
        for signature in found[:_SHOWN]:
            name = name_of(signature)
            score = "" if comes_before(signature) else f"{report.scores.get(name, 0.0):5.2f}"
            yield "", f"   {score:5}  {report.signature_tokens.get(name, 0):3d} tokens  {_cut(signature)}"
        if len(found) > _SHOWN:
            yield "dim", f"          and {len(found) - _SHOWN} more"


def _schemas(talk: Conversation) -> Iterator[tuple[str, str]]:
    yield from _title(3, "describe_tools", _tokens(talk, 2))
    for name, schema in talk.schemas.items():
        needed = ", ".join(schema.get("required", ())) or "nothing"
        yield "", f"   {name}: {len(schema.get('properties', {}))} arguments, required: {needed}"


def _calls(report: Report) -> Iterator[tuple[str, str]]:
    talk = report.conversation
    for number, call in enumerate(talk.calls):
        yield from _title(4 + number, f"call_tool {call.tool}", f"{_tokens(talk, 3 + number)}, {call.ms:.0f} ms")
        yield "", f"   sent      {msgspec.json.encode(call.arguments).decode()}"
        verdict = report.verdicts[number] if number < len(report.verdicts) else None
        if verdict is not None:
            fits = "fits the description" if verdict.verdict == "ok" else "; ".join(verdict.violations)
            where = f"{verdict.method} https://{verdict.host}{verdict.path}"
            yield "green" if verdict.verdict == "ok" else "red", f"   sandbox   {where} -> {verdict.status}: {fits}"
        yield "green" if call.ok else "red", f"   answered  {_cut(call.answer)}"


def _ledger(report: Report) -> Iterator[tuple[str, str]]:
    ledger = report.ledger
    yield "", ""
    yield "bold", "tokens (o200k_base)"
    yield "", f"   listing all {ledger.tools:,} tools of {ledger.services} services   {ledger.listing_everything:>10,}"
    yield "", f"   this conversation, answers included{'':>9} {ledger.this_conversation:>10,}"
    yield "green", f"   {ledger.times_less:,.0f} times less"
    audit = "intact" if report.audit.intact else "BROKEN"
    yield "dim", f"audit log: {report.audit.rows} rows, chain {audit}; {report.seconds:.1f} s in all"


def _title(number: int, what: str, cost: str) -> Iterator[tuple[str, str]]:
    yield "", ""
    yield "bold", f"{number}. {what}  ({cost})"


def _tokens(talk: Conversation, step: int) -> str:
    return f"{talk.steps[step].asked + talk.steps[step].answered} tokens"


def _cut(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= _LINE else flat[: _LINE - 1] + "…"
