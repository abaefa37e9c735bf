"""The part of an answer that fits the budget, so that what is shown is whole and the rest can be asked for.

The rest begins in one place: the list, object or text that makes the answer large. What stands around it is shown.
"""

from collections.abc import Sequence
from typing import Any, Final, NamedTuple, cast

import msgspec

from trunkline.category.cut import cut
from trunkline.category.pointer import Step

_TEXT_OVERHEAD: Final = 2  # its quotes


class Begun(NamedTuple):
    """The first `taken` of the items, entries or characters of a value; `notes` says what was cut within them."""

    head: Any
    taken: int
    notes: list[str]


def main_path(value: Any, budget: int) -> tuple[Step, ...]:
    """Where the list, object or text stands that makes `value` larger than `budget`."""
    path: tuple[Step, ...] = ()
    around = 0
    while entry := _largest(value):
        step, inner, size = entry
        around += size_of(value) - size
        if around > budget // 2 or not isinstance(inner, dict | list | str):
            break
        path, value = (*path, step), cast("Any", inner)
    return path


def _largest(value: Any) -> tuple[Step, Any, int] | None:
    """The largest member of an object, or the only one of a list."""
    entries: list[tuple[Step, Any]] = []
    if isinstance(value, dict):
        entries = list(cast("dict[Step, Any]", value).items())
    elif isinstance(value, list) and len(cast("list[Any]", value)) == 1:
        entries = [(0, value[0])]
    sized = [(step, inner, size_of(inner)) for step, inner in entries]
    return max(sized, key=lambda entry: entry[2], default=None)


def begin(value: Any, offset: int, budget: int, most: int = 0) -> Begun:
    """The part of a list, object or text that comes after its first `offset`, in about `budget` bytes.

    At least one item or entry, cut if it alone is too large; `most`: of a list, no more items than that.
    """
    if isinstance(value, str):
        return _begin_text(value[offset:], budget)
    if isinstance(value, list):
        items = cast("list[Any]", value)[offset : offset + most if most else None]
        kept, notes = _fitting(items, budget, offset)
        return Begun(kept, len(kept), notes)
    if isinstance(value, dict):
        entries = list(cast("dict[str, Any]", value).items())[offset:]
        kept, notes = _fitting([{name: inner} for name, inner in entries], budget, offset)
        return Begun({name: inner for entry in kept for name, inner in entry.items()}, len(kept), notes)
    return Begun(value, 1, [])


def _begin_text(text: str, budget: int) -> Begun:
    length = min(len(text), budget)
    while length > 1 and size_of(text[:length]) - _TEXT_OVERHEAD > budget:
        length = length * 3 // 4
    return Begun(text[:length], length, [])


def _fitting(items: Sequence[Any], budget: int, offset: int) -> tuple[list[Any], list[str]]:
    left, count = budget, 0
    for item in items:
        left -= size_of(item) + 1
        if left < 0:
            break
        count += 1
    if count or not items:
        return list(items[:count]), []
    smaller, notes = cut(items[0], budget)
    return [smaller], [f"part {offset + 1} itself is cut: {note}" for note in notes[:3]]


def length_of(value: Any) -> int:
    return len(cast("list[Any]", value)) if isinstance(value, list | dict | str) else 1


def kind_of(value: Any) -> str:
    """What `length_of` counts."""
    return "characters" if isinstance(value, str) else "items" if isinstance(value, list) else "fields"


def size_of(value: Any) -> int:
    """In bytes of JSON."""
    return len(msgspec.json.encode(value))
