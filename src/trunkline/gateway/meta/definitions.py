"""The five meta-tools as tools/list shows them. Every word here is paid for by every conversation: keep it short."""

from collections.abc import Sequence
from typing import Any, Final

import orjson

FIND: Final = "find_tools"
DESCRIBE: Final = "describe_tools"
CALL: Final = "call_tool"
CALL_READ: Final = "call_read_tool"
SERVICES: Final = "list_services"

_NAMED: Final = 4  # services

Schema = dict[str, Any]

_TEXTS: Final[Schema] = {"type": "array", "items": {"type": "string"}, "minItems": 1}
_PATH: Final[Schema] = {"type": "string", "description": "Only this part of the input: `body.items[]`, where x-more is"}
_CALL_SCHEMA: Final[Schema] = {
    "type": "object",
    "properties": {
        "name": {"type": "string", "description": "Tool name, as find_tools returned it"},
        "arguments": {"type": "object", "description": "The tool's arguments"},
        "fields": {
            "type": "array",
            "items": {"type": "string"},
            "description": 'Only these fields of the answer (a.b reaches inside); ["*"]: all of it',
        },
        "limit": {"type": "integer", "minimum": 1, "description": "Items wanted; further pages are fetched for them"},
        "cursor": {"type": "string", "description": "Where the last answer of this same call ended: go on from there"},
        "max_tokens": {"type": "integer", "minimum": 100, "description": "Size of the answer"},
    },
    "required": ["name"],
}


def _tool(name: str, title: str, description: str, schema: Schema, **hints: bool) -> bytes:
    return orjson.dumps(
        {
            "name": name,
            "title": title,
            "description": description,
            "inputSchema": schema,
            "annotations": {f"{hint}Hint": value for hint, value in hints.items()},
        }
    )


def definitions(tools: int, services: Sequence[str]) -> tuple[bytes, ...]:
    """JSON text of each meta-tool, sorted by name; counts and titles of services tell a model how far it reaches."""
    named = ", ".join(services[:_NAMED]) + ("…" if len(services) > _NAMED else "")
    noun = "service" if len(services) == 1 else "services"
    reach = f"{tools:,} tools of {len(services)} {noun} ({named})" if tools else "all services"
    return (_call_read(), _call(), _describe(), _find(reach), _services())


def _call_read() -> bytes:
    return _tool(
        CALL_READ,
        "Call a read-only tool",
        "Run a tool marked [read] that find_tools returned. Changes nothing; refuses any other tool.",
        _CALL_SCHEMA,
        readOnly=True,
        openWorld=True,
    )


def _call() -> bytes:
    return _tool(
        CALL,
        "Call a tool",
        "Run any tool that find_tools returned: create, update, send, delete or read in the real service.",
        _CALL_SCHEMA,
        readOnly=False,
        destructive=True,
        idempotent=False,
        openWorld=True,
    )


def _describe() -> bytes:
    return _tool(
        DESCRIBE,
        "Describe tools",
        "Full input schema and effect of tools that find_tools returned. "
        "Needed only where a signature leaves arguments unclear or says `+N optional`.",
        {"type": "object", "properties": {"names": _TEXTS, "path": _PATH}, "required": ["names"]},
        readOnly=True,
        openWorld=False,
    )


def _find(reach: str) -> bytes:
    steps = (
        'One short phrase per step, naming the service if known: ["create a GitHub issue", "post a message in Slack"]'
    )
    return _tool(
        FIND,
        "Find tools",
        f"Search {reach} for what the user asks. Use it first whenever a task involves an outside service or "
        "account. Returns callable signatures; then use call_tool.",
        {
            "type": "object",
            "properties": {
                "intents": {**_TEXTS, "description": steps},
                "service": {"type": "string", "description": "Only this service"},
                "limit": {"type": "integer", "minimum": 1, "maximum": 50, "description": "Most tools to return"},
                "budget": {"type": "integer", "minimum": 50, "description": "Most tokens of the answer"},
            },
            "required": ["intents"],
        },
        readOnly=True,
        openWorld=False,
    )


def _services() -> bytes:
    wanted = {"type": "string", "description": "Category, service or word; `connected` for those"}
    return _tool(
        SERVICES,
        "List services",
        "What services exist, by category, and which are connected.",
        {"type": "object", "properties": {"filter": wanted}},
        readOnly=True,
        openWorld=False,
    )
