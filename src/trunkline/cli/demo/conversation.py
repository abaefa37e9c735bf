"""The demo's conversation: what an agent does for one request, and what each step costs it in tokens."""

import re
import time
from collections.abc import Mapping
from typing import Any, Final

import msgspec

from trunkline.cli.demo.arguments import arguments
from trunkline.cli.demo.client import Agent, Reply
from trunkline.contract import Internal

REQUEST: Final = "Create a GitHub issue and notify the team on Slack"
INTENTS: Final = ("Create a GitHub issue", "notify the team on Slack")
# What the person behind the request would have said: names of things, as any of the services calls them.
WISHES: Final[Mapping[str, Any]] = {
    "owner": "octo-org",
    "repo": "hello-world",
    "title": "Checkout fails with error 500",
    "body": "Since this morning every checkout ends with error 500.",
    "channel": "#team",
    "text": "I opened an issue: checkout fails with error 500.",
}
_SIGNATURE: Final = re.compile(r"^([a-z0-9-]+_[A-Za-z0-9_-]+)\(")
_INPUT: Final = re.compile(r"^([a-z0-9-]+_[A-Za-z0-9_-]+) .*?^input: (\{.*?)$", re.MULTILINE | re.DOTALL)


class Call(msgspec.Struct, frozen=True):
    """One tool call: `ms` as the client measured it."""

    tool: str
    arguments: dict[str, Any]
    answer: str
    ok: bool
    ms: float


class Step(msgspec.Struct, frozen=True):
    """What one step put into the model's context, in tokens (o200k_base)."""

    what: str
    asked: int
    answered: int


class Conversation(msgspec.Struct, frozen=True):
    """The whole of it. `found` holds the signatures by intent, best first."""

    request: str
    menu: tuple[str, ...]
    found: dict[str, tuple[str, ...]]
    schemas: dict[str, dict[str, Any]]
    calls: tuple[Call, ...]
    steps: tuple[Step, ...]

    @property
    def tokens(self) -> int:
        return sum(step.asked + step.answered for step in self.steps)


async def converse(agent: Agent) -> Conversation:
    """Finds a tool for each intent, reads the schemas, and calls both. Raises `Internal` where nothing is found."""
    names, listed = await agent.menu()
    steps = [Step("tools/list", 0, listed)]
    reply = await _step(agent, "find_tools", {"intents": list(INTENTS)}, steps)
    found = signatures(reply.text)
    best = (next((line for line in lines if not comes_before(line)), "") for lines in found.values())
    chosen = [name_of(line) for line in best if line]
    if len(chosen) < len(INTENTS):
        raise Internal(f"find_tools did not find a tool for each intent:\n{reply.text}")
    reply = await _step(agent, "describe_tools", {"names": chosen}, steps)
    schemas = described(reply.text)
    calls = [await _call(agent, name, arguments(schemas[name], WISHES), steps) for name in chosen]
    return Conversation(REQUEST, tuple(names), found, schemas, tuple(calls), tuple(steps))


def signatures(text: str) -> dict[str, tuple[str, ...]]:
    """find_tools' answer: below each `# intent` the signatures found for it."""
    found: dict[str, list[str]] = {}
    for line in text.splitlines():
        if line.startswith("# "):
            found[line[2:]] = []
        elif found and _SIGNATURE.match(line):
            found[next(reversed(found))].append(line)
    return {intent: tuple(lines) for intent, lines in found.items()}


def comes_before(signature: str) -> bool:
    """Whether it is of a tool that finds what another one is to be told: the person behind the request has said it."""
    return " [before " in signature


def name_of(signature: str) -> str:
    return signature.partition("(")[0]


def described(text: str) -> dict[str, dict[str, Any]]:
    """describe_tools' answer: the input schema of each tool."""
    return {name: msgspec.json.decode(schema) for name, schema in _INPUT.findall(text)}


async def _step(agent: Agent, tool: str, given: dict[str, Any], steps: list[Step]) -> Reply:
    reply = await agent.call(tool, given)
    steps.append(Step(tool, reply.asked, reply.answered))
    return reply


async def _call(agent: Agent, name: str, given: dict[str, Any], steps: list[Step]) -> Call:
    begun = time.perf_counter()
    reply = await agent.call("call_tool", {"name": name, "arguments": given})
    took = (time.perf_counter() - begun) * 1000
    steps.append(Step(f"call_tool {name}", reply.asked, reply.answered))
    return Call(name, given, reply.text, not reply.is_error, round(took, 1))
