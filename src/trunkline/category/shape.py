"""A service's answer as a model gets it: the fields that matter, within a budget, and said so where it was cut.

An answer is data. It is passed on as it is, or cut; it is never interpreted.
"""

from collections.abc import Mapping
from typing import Any, Final, cast

import msgspec

from trunkline.category.cut import cut
from trunkline.category.upstream import Answer
from trunkline.contract import Plan, ToolResult, ToolSpec

BUDGET_BYTES: Final = 40_000  # about 10,000 tokens
_PAGE_NAMES: Final = frozenset((
    "page", "per_page", "perpage", "page_size", "pagesize", "pagelen", "limit", "offset", "start", "count", "max",
    "maxresults", "max_results", "startat", "cursor", "after", "before", "starting_after", "ending_before",
    "page_token", "pagetoken", "next_page_token", "nexttoken", "start_cursor", "skip", "top", "size", "first",
    "results_per_page", "page[size]", "page[number]", "page[after]",
))  # fmt: skip
_TEXT_KINDS: Final = ("text/", "application/xml", "application/javascript", "application/x-www-form-urlencoded")


def shape(answer: Answer, spec: ToolSpec, budget: int = BUDGET_BYTES) -> ToolResult:
    """The result of a good answer."""
    body = answer.body
    if answer.location:
        return _result(answer, _json_text({"redirect_to": answer.location, "status": answer.status}))
    if not body:
        return _result(answer, f"Done: {answer.status}, and the service sent no content.")
    kind = answer.content_type.partition(";")[0].strip().lower()
    if _is_json(kind, body):
        shaped = _shape_json(answer, spec, body, budget)
        if shaped is not None:
            return shaped
    if not kind.startswith(_TEXT_KINDS) and not _is_json(kind, body) and not _readable(body):
        return _result(answer, _json_text({"content_type": kind, "bytes": len(body), "note": _BINARY}))
    return _shape_text(answer, body, budget)


_BINARY: Final = "binary content, not shown"


def _shape_json(answer: Answer, spec: ToolSpec, body: bytes, budget: int) -> ToolResult | None:
    """None if `body` is not JSON after all."""
    try:
        if not spec.keep and len(body) <= budget:
            text = msgspec.json.format(body, indent=-1).decode()
            return _result(answer, text, is_error=_refused(body))
        value = msgspec.json.decode(body)
        kept = kept_fields(value, spec.keep) if spec.keep else value
        text = _json_text(kept)
        if len(text) <= budget:
            return _result(answer, text, is_error=_refused(body))
        smaller, notes = cut(kept, budget)
        return _result(answer, f"{_json_text(smaller)}\n\n[{_note(notes, spec)}]", truncated=True)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def _shape_text(answer: Answer, body: bytes, budget: int) -> ToolResult:
    text = body[: budget + 3].decode("utf-8", "replace")
    if len(body) <= budget:
        return _result(answer, text)
    return _result(answer, f"{text[:budget]}\n\n[cut: the first {budget} of {len(body)} bytes]", truncated=True)


def _result(answer: Answer, text: str, *, is_error: bool = False, truncated: bool = False) -> ToolResult:
    return ToolResult(text=text, is_error=is_error, status=answer.status, truncated=truncated)


def kept_fields(value: Any, keep: tuple[str, ...]) -> Any:
    """`value` with the fields `keep` only; a dotted name reaches inside. Nulls and empty values are dropped.

    The fields are those of the items: of the list itself, or of the list that an object wraps (`{"items": [...]}`),
    whose own plain fields (totals, cursors) stay.
    """
    if isinstance(value, list):
        return [kept_fields(item, keep) for item in cast("list[Any]", value)]
    if not isinstance(value, dict):
        return value
    found = cast("dict[str, Any]", value)
    if any(name.partition(".")[0] in found for name in keep):
        return _picked(found, keep)
    return {name: _inside(inner, keep) for name, inner in found.items() if not _empty(inner)}


def _inside(value: Any, keep: tuple[str, ...]) -> Any:
    if isinstance(value, list):
        items = cast("list[Any]", value)
        return [kept_fields(item, keep) for item in items]
    return kept_fields(value, keep) if isinstance(value, dict) else value


def _picked(found: Mapping[str, Any], keep: tuple[str, ...]) -> dict[str, Any]:
    deeper: dict[str, list[str]] = {}
    for name in keep:
        head, _, rest = name.partition(".")
        deeper.setdefault(head, []).extend([rest] if rest else [])
    picked: dict[str, Any] = {}
    for head, rest in deeper.items():
        value = found.get(head)
        if not _empty(value):
            picked[head] = kept_fields(value, tuple(rest)) if rest and head not in keep else value
    return picked


def _empty(value: Any) -> bool:
    return value is None or value == "" or value == [] or value == {}


def _note(notes: list[str], spec: ToolSpec) -> str:
    pages = _page_arguments(spec.plan)
    rest = f"for the rest use {', '.join(f'`{name}`' for name in pages)}" if pages else "ask for one item, or filter"
    return f"cut to fit: {'; '.join(notes[:4])}; {rest}"


def _page_arguments(plan: Plan | None) -> list[str]:
    if plan is None:
        return []
    names = [each.argument for each in plan.parameters if each.location == "query"]
    names += [field.argument for field in plan.body.fields] if plan.body else []
    return [name for name in names if name.lower() in _PAGE_NAMES]


def _refused(body: bytes) -> bool:
    """`{"ok": false, "error": ...}` with status 200, as Slack and Telegram say no."""
    if not body[:200].lstrip().startswith(b"{") or b"false" not in body[:200]:
        return False
    try:
        return msgspec.json.decode(body, type=_Ok).ok is False
    except msgspec.DecodeError:
        return False


class _Ok(msgspec.Struct):
    ok: Any = True


def _is_json(kind: str, body: bytes) -> bool:
    return kind.endswith(("/json", "+json")) or (not kind.startswith("text/") and body[:1] in b"{[")


def _readable(body: bytes) -> bool:
    head = body[:1024]
    try:
        head.decode()
    except UnicodeDecodeError as error:
        return error.start >= len(head) - 3 and b"\0" not in head
    return b"\0" not in head


def _json_text(value: Any) -> str:
    return msgspec.json.encode(value).decode()
