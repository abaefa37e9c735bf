"""Recorded tasks: what a person asked, and what an agent then writes, step by step."""

import re
from pathlib import Path
from typing import Any, Final, cast

import msgspec

_REFERENCE: Final = re.compile(r"\$(\d+)\.(.+)")
_FILE: Final = Path(__file__).with_name("tasks.json")


class Step(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One call. `intents`: how the agent words it, in another way each time that nothing fitting was found.

    `arguments`: by tool that is right, the arguments as the person's words give them. A value `$0.channels.0.id`
    is taken from the answer to the task's first step.
    """

    intents: tuple[str, ...]
    arguments: dict[str, dict[str, Any]]


class Task(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`request` is what the person asked; the steps are done one after the other."""

    request: str
    steps: tuple[Step, ...]


class CannotFinish(Exception):
    """The agent lacks what it would need for the next step; the text says what."""


def load() -> tuple[Task, ...]:
    return msgspec.json.decode(_FILE.read_bytes(), type=tuple[Task, ...])


def tools(tasks: tuple[Task, ...]) -> list[str]:
    """The first right tool of every step: what a catalog must hold for the tasks to be done at all."""
    return list(dict.fromkeys(next(iter(step.arguments)) for task in tasks for step in task.steps))


def filled(arguments: dict[str, Any], answers: list[Any]) -> dict[str, Any]:
    """The arguments with what earlier answers said. Raises CannotFinish if they do not say it."""
    return {name: _value(value, answers) for name, value in arguments.items()}


def _value(value: Any, answers: list[Any]) -> Any:
    if isinstance(value, list):
        return [_value(each, answers) for each in cast("list[Any]", value)]
    reference = _REFERENCE.fullmatch(value) if isinstance(value, str) else None
    if reference is None:
        return value
    found = answers[int(reference[1])]
    for part in reference[2].split("."):
        try:
            found = found[int(part) if isinstance(found, list) else part]
        except (KeyError, IndexError, TypeError, ValueError):
            raise CannotFinish(f"the answer to step {reference[1]} does not say {reference[2]}") from None
    return found
