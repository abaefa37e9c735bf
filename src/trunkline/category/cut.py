"""Makes a JSON value small enough, so that it stays JSON and what was left out is known."""

from typing import Any, Final, cast

import msgspec

_ELLIPSIS: Final = "…"
_SMALLEST: Final = 40  # bytes; below this nothing is cut further


def cut(value: Any, budget: int) -> tuple[Any, list[str]]:
    """`value` in about `budget` bytes of JSON, and what was cut, in words: "`items`: 30 of 100".

    Lists keep their first items, texts their beginning; an object keeps its small fields, and its large ones share
    what is left.
    """
    notes: list[str] = []
    return _fit(value, max(budget, _SMALLEST), "", notes), notes


def _fit(value: Any, budget: int, path: str, notes: list[str]) -> Any:
    if _size(value) <= budget:
        return value
    if isinstance(value, str):
        return _fit_text(value, budget, path, notes)
    if isinstance(value, list):
        return _fit_list(cast("list[Any]", value), budget, path, notes)
    if isinstance(value, dict):
        return _fit_object(cast("dict[str, Any]", value), budget, path, notes)
    return value


def _fit_text(value: str, budget: int, path: str, notes: list[str]) -> str:
    length = max(budget - 10, _SMALLEST)
    while length > _SMALLEST and _size(value[:length]) > budget:
        length //= 2
    notes.append(f"{_called(path)}{length} of {len(value)} characters")
    return value[:length] + _ELLIPSIS


def _fit_list(value: list[Any], budget: int, path: str, notes: list[str]) -> list[Any]:
    kept: list[Any] = []
    left = budget - 2
    for item in value:
        size = _size(item) + 1
        if size > left:
            break
        kept.append(item)
        left -= size
    if not kept and value:
        kept = [_fit(value[0], left, f"{path}[0]", notes)]
    notes.insert(0, f"{_called(path)}{len(kept)} of {len(value)} items")
    return kept


def _fit_object(value: dict[str, Any], budget: int, path: str, notes: list[str]) -> dict[str, Any]:
    """Smallest fields first: whatever fits an equal share of the rest stays whole."""
    sizes = {name: _size(inner) + _size(name) + 2 for name, inner in value.items()}
    left, open_fields = budget - 2, len(sizes)
    fitted: dict[str, Any] = {}
    for name in sorted(sizes, key=sizes.__getitem__):
        share = left // open_fields
        if share < _SMALLEST and sizes[name] > share:
            break
        inner = value[name]
        if sizes[name] > share:
            inner = _fit(inner, max(share - _size(name) - 2, _SMALLEST), f"{path}.{name}" if path else name, notes)
        fitted[name] = inner
        left -= _size(inner) + _size(name) + 2
        open_fields -= 1
    if len(fitted) < len(value):
        notes.append(f"{_called(path)}{len(fitted)} of {len(value)} fields")
    return {name: fitted[name] for name in value if name in fitted}


def _called(path: str) -> str:
    return f"`{path}`: " if path else ""


def _size(value: Any) -> int:
    return len(msgspec.json.encode(value))
