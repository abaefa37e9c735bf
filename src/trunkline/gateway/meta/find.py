"""The answer of find_tools: signatures under the intents they answer, what to connect, and one call ready to make."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, cast

import msgspec
import orjson

from trunkline.contract import Effect, Service, ToolSpec
from trunkline.selection.estimate import tokens_of
from trunkline.selection.index import Found, Hit
from trunkline.selection.signature import kind_of, without_use

_BUDGET: Final = 340  # tokens of signatures for one intent
_BUDGET_OF_INTENT: Final = 130  # for each further one
_AT_LEAST: Final = 2  # tools an intent, whatever they cost
_EXAMPLE_ARGUMENTS: Final = 6
_INTENT_LENGTH: Final = 80
_MARKS: Final = {Effect.READ: " [read]", Effect.WRITE: "", Effect.DELETE: " [delete]"}
_SAMPLES: Final[Mapping[str, Any]] = {"int": 1, "num": 1, "bool": True, "arr": [], "obj": {}}
_FLOOR: Final = 0.5  # of the best score of its intent: what is below is chance


def within_budget(found: Found) -> tuple[Hit, ...]:
    """As many hits as a model is glad to read: the best of each intent, and more while the token budget lasts."""
    best: dict[int, float] = {}
    for hit in found.hits:
        best[hit.clause] = max(hit.score, best.get(hit.clause, 0.0))
    intents = len(best)
    left = _BUDGET + _BUDGET_OF_INTENT * (intents - 1)
    shown: list[Hit] = []
    for hit in found.hits:
        if hit.score < _FLOOR * best[hit.clause]:
            continue
        left -= hit.signature_tokens
        if left < 0 and len(shown) >= _AT_LEAST * intents:
            break
        shown.append(hit)
    return tuple(shown)


class Parts(msgspec.Struct, frozen=True):
    """What an answer is made of. `unconnected` are lines on what to connect; `example` may be empty.

    `known` are tools that the agent has been shown before: their use is not said again.
    """

    found: Found
    unconnected: Sequence[str] = ()
    example: str = ""
    known: frozenset[str] = frozenset()


def fitting(parts: Parts, hits: Sequence[Hit], budget: int) -> str:
    """The answer with as many of `hits` as `budget` tokens hold, by estimate; with one at least."""
    text = answer(parts, hits)
    if tokens_of(text.encode()) > budget and parts.example:
        return fitting(msgspec.structs.replace(parts, example=""), hits, budget)
    if tokens_of(text.encode()) > budget and len(hits) > 1:
        return fitting(parts, hits[:-1], budget)
    return text


def answer(parts: Parts, hits: Sequence[Hit]) -> str:
    """The text of the answer, of those `hits` of what was found that are shown. What a tool needs stands before it."""
    found = parts.found
    shown = {hit.name for hit in hits}
    needed = [each for each in found.prerequisites if each.prerequisite_of in shown]
    lines: list[str] = []
    groups = sorted({hit.clause for hit in hits})
    for group in groups:
        if len(groups) > 1:
            lines.append(f"# {_cut(found.clauses[group])}")
        lines += [_line(hit, parts.known) for hit in in_order([hit for hit in hits if hit.clause == group], needed)]
    lines += parts.unconnected
    if parts.example:
        lines.append(f"Example: {parts.example}")
    return "\n".join(lines)


def in_order(hits: Iterable[Hit], prerequisites: Sequence[Hit]) -> list[Hit]:
    """Each hit after what it needs; none twice."""
    needed = {hit.name for hit in prerequisites}
    ordered: list[Hit] = []
    for hit in hits:
        ordered += [each for each in prerequisites if each.prerequisite_of == hit.name]
        ordered += [hit] if hit.name not in needed else []
    return ordered


def _line(hit: Hit, known: frozenset[str]) -> str:
    first = f" [before {hit.prerequisite_of}]" if hit.prerequisite_of else ""
    signature = without_use(hit.signature) if hit.name in known else hit.signature
    return signature + _MARKS[hit.effect] + first


def example(spec: ToolSpec) -> str:
    """A ready call of `spec` with its required arguments; "" where there are none, or too many to be of help."""
    schema = cast("dict[str, Any]", msgspec.json.decode(spec.input_schema))
    required: list[str] = schema.get("required", [])
    if not 0 < len(required) <= _EXAMPLE_ARGUMENTS:
        return ""
    properties: dict[str, Any] = schema.get("properties", {})
    arguments = {name: _sample(name, properties.get(name, {})) for name in required}
    caller = "call_read_tool" if spec.effect is Effect.READ else "call_tool"
    return f"{caller} {orjson.dumps({'name': spec.name, 'arguments': arguments}).decode()}"


def _sample(name: str, schema: Any) -> Any:
    """A value that shows the form: a choice of its own, a number, or `<name>`."""
    known = cast("dict[str, Any]", schema) if isinstance(schema, dict) else {}
    if known.get("enum"):
        return known["enum"][0]
    kind = kind_of(known)
    return [] if kind.endswith("[]") else _SAMPLES.get(kind.partition("|")[0], f"<{name}>")


def connect_lines(services: Iterable[Service]) -> list[str]:
    """How to connect what is not connected, one line in all."""
    ids = [service.id for service in services]
    if not ids:
        return []
    return [f"Not connected: {', '.join(ids)}. To connect, the owner runs: {how_to_connect(ids[0])}"]


def how_to_connect(service: str) -> str:
    return f"trunkline connect {service}"


def _cut(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _INTENT_LENGTH else line[: _INTENT_LENGTH - 1] + "…"
