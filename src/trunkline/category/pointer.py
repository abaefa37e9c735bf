"""JSON Pointers into answers, as `contract/paging.py` has them."""

from collections.abc import Sequence
from typing import Any, Final, cast

_ALTERNATIVE: Final = " || "
Step = str | int


def steps_of(pointer: str) -> tuple[str, ...]:
    """RFC 6901, section 4."""
    return tuple(step.replace("~1", "/").replace("~0", "~") for step in pointer.split("/")[1:])


def found(value: Any, pointer: str) -> Any:
    """What `pointer` leads to; of alternatives, the first that leads to something. None where there is nothing."""
    for alternative in pointer.split(_ALTERNATIVE):
        there = at(value, steps_of(alternative))
        if there is not None and there != "":
            return there
    return None


def at(value: Any, steps: Sequence[Step]) -> Any:
    """What is there, None for nothing."""
    for step in steps:
        if isinstance(value, list):
            items = cast("list[Any]", value)
            number = int(step) if str(step).removeprefix("-").isdigit() else len(items)
            value = items[number] if -len(items) <= number < len(items) else None
        elif isinstance(value, dict):
            value = cast("dict[Step, Any]", value).get(step)
        else:
            return None
    return value


def replaced(value: Any, steps: Sequence[Step], new: Any) -> Any:
    """`value` with `new` at `steps`; what is not on the way is shared."""
    if not steps:
        return new
    step, rest = steps[0], steps[1:]
    if isinstance(value, list):
        items = list(cast("list[Any]", value))
        items[int(step)] = replaced(items[int(step)], rest, new)
        return items
    members = cast("dict[Step, Any]", value)
    return {**members, step: replaced(members[step], rest, new)}
