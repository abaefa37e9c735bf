"""A scripted agent. It knows what the person said, and of the tools only what the gateway has shown it.

Of several tools it chooses the right one if it is shown: what is measured is the gateway, not a model's judgement.
"""

import re
from collections.abc import Sequence
from typing import Any, Final

import msgspec
import orjson

from bench.tokens.gateway import Client, Reply
from bench.tokens.ledger import Ledger
from bench.tokens.tasks import CannotFinish, Step, Task, filled

_SIGNATURE: Final = re.compile(r"^([a-z0-9-]+_[A-Za-z0-9_-]+)\((.*)\)(?: - .*)?$")
_ARGUMENT: Final = re.compile(r"([\w$.\[\]-]+)\??(?:: ([^,]+))?(?:, |$)")
_UNCLEAR: Final = ("obj", "any")  # types that say too little to write a value
_READ: Final = " [read]"
_BEFORE: Final = " [before "  # follows the signature of what another tool needs
_GOODBYE: Final = "Done."


class Outcome(msgspec.Struct, frozen=True):
    """What a task cost, and why it could not be finished ("" if it was)."""

    request: str
    context: int
    billed: int
    failure: str = ""


async def direct(task: Task, client: Client, listing: int, listed: frozenset[str]) -> Outcome:
    """With every tool listed, which costs `listing` tokens. The calls go the same way as those of `searching`."""
    ledger = Ledger()
    ledger.add(listing)
    return await _ended(task, ledger, _Direct(client, ledger, listed))


async def searching(task: Task, client: Client, menu: str) -> Outcome:
    """With the gateway's own few tools listed, which is the text `menu`."""
    ledger = Ledger()
    ledger.shown(menu)
    return await _ended(task, ledger, _Searching(client, ledger))


async def _ended(task: Task, ledger: Ledger, way: "_Way") -> Outcome:
    ledger.shown(task.request)
    try:
        await way.do(task)
    except CannotFinish as why:
        return Outcome(task.request, ledger.context, ledger.billed, str(why))
    ledger.turn(_GOODBYE)
    return Outcome(task.request, ledger.context, ledger.billed)


class _Way:
    """What both ways have in common: a call is written, its answer is read."""

    def __init__(self, client: Client, ledger: Ledger) -> None:
        self.client = client
        self.ledger = ledger

    async def do(self, task: Task) -> None:
        """Raises CannotFinish."""
        raise AssertionError  # a way says how

    async def call(self, name: str, arguments: dict[str, Any]) -> Reply:
        """Raises CannotFinish if the answer is an error."""
        self.ledger.turn(orjson.dumps({"name": name, "arguments": arguments}).decode())
        reply = await self.client.call(name, arguments)
        self.ledger.shown(reply.text)
        if reply.is_error:
            raise CannotFinish(f"{name}: {reply.text[:200]}")
        return reply


class _Direct(_Way):
    def __init__(self, client: Client, ledger: Ledger, listed: frozenset[str]) -> None:
        super().__init__(client, ledger)
        self._listed = listed

    async def do(self, task: Task) -> None:
        answers: list[Any] = []
        for step in task.steps:
            name = next((name for name in step.arguments if name in self._listed), "")
            if not name:
                raise CannotFinish(f"no tool for {step.intents[0]!r} is listed")
            reply = await self.call(name, filled(step.arguments[name], answers))
            answers.append(reply.data)


class _Searching(_Way):
    async def do(self, task: Task) -> None:
        signatures = await self._find(task.steps)
        answers: list[Any] = []
        described: dict[str, str] = {}
        for step in task.steps:
            name = next(name for name in signatures if name in step.arguments)
            wanted = filled(step.arguments[name], answers)
            if not _says_enough(signatures[name], wanted):
                if name not in described:
                    described[name] = (await self.call("describe_tools", {"names": [name]})).text
                unknown = [each for each in wanted if f'"{each}"' not in described[name]]
                if unknown:
                    raise CannotFinish(f"{name}: nothing shown says {', '.join(unknown)}")
            caller = "call_read_tool" if signatures[name].endswith(_READ) else "call_tool"
            reply = await self.call(caller, {"name": name, "arguments": wanted})
            answers.append(reply.data)

    async def _find(self, steps: Sequence[Step]) -> dict[str, str]:
        """The signatures shown, by tool, in their order. Asks again, in other words, for what is not among them."""
        found: dict[str, str] = {}
        for attempt in range(max(len(step.intents) for step in steps)):
            open_ = [step for step in steps if not found.keys() & step.arguments.keys()]
            asked = [step.intents[attempt] for step in open_ if attempt < len(step.intents)]
            if asked:
                reply = await self.call("find_tools", {"intents": list(dict.fromkeys(asked))})
                found |= _signatures(reply.text)
        missing = [step.intents[0] for step in steps if not found.keys() & step.arguments.keys()]
        if missing:
            raise CannotFinish(f"no tool shown for {missing}")
        return found


def _signatures(text: str) -> dict[str, str]:
    plain = (line.partition(_BEFORE)[0] for line in text.splitlines())
    lines = (line for line in plain if _SIGNATURE.match(line.removesuffix(_READ)))
    return {line.partition("(")[0]: line for line in lines}


def _says_enough(signature: str, wanted: dict[str, Any]) -> bool:
    """Whether the signature names each argument that is to be written, with a type that says how."""
    found = _SIGNATURE.match(signature.removesuffix(_READ))
    kinds = dict(_ARGUMENT.findall(found[2])) if found else {}
    return all(name in kinds and not kinds[name].startswith(_UNCLEAR) for name in wanted)
