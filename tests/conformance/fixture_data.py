"""Prompts, resources and completions of the fixture server."""

import json
import re
from typing import Any

from mcp.shared.exceptions import MCPError

from tests.conformance.fixture_interactive import accepted, ask_form, input_required, responses
from tests.conformance.fixture_tools import PIXEL, Context, Json, image

FRESH: Json = {"resultType": "complete", "ttlMs": 1000, "cacheScope": "public"}

PROMPTS: list[Json] = [
    {"name": "test_simple_prompt", "description": "A prompt without arguments"},
    {
        "name": "test_prompt_with_arguments",
        "description": "A prompt with two arguments",
        "arguments": [
            {"name": "arg1", "description": "First argument", "required": True},
            {"name": "arg2", "description": "Second argument", "required": True},
        ],
    },
    {
        "name": "test_prompt_with_embedded_resource",
        "description": "A prompt that holds a resource",
        "arguments": [{"name": "resourceUri", "description": "Its URI", "required": True}],
    },
    {"name": "test_prompt_with_image", "description": "A prompt that holds an image"},
    {"name": "test_input_required_result_prompt", "description": "A prompt that asks the user first"},
]

RESOURCES: list[Json] = [
    {
        "uri": "test://static-text",
        "name": "Static text",
        "description": "A text that never changes",
        "mimeType": "text/plain",
    },
    {
        "uri": "test://static-binary",
        "name": "Static binary",
        "description": "An image that never changes",
        "mimeType": "image/png",
    },
    {
        "uri": "test://watched-resource",
        "name": "Watched resource",
        "description": "A text to subscribe to",
        "mimeType": "text/plain",
    },
]

TEMPLATES: list[Json] = [
    {
        "uriTemplate": "test://template/{id}/data",
        "name": "Template",
        "description": "Data of one id",
        "mimeType": "application/json",
    }
]

_TEMPLATE = re.compile(r"test://template/([^/]+)/data")


def messages(*blocks: Json) -> Json:
    return {"resultType": "complete", "messages": [{"role": "user", "content": block} for block in blocks]}


def say(words: str) -> Json:
    return {"type": "text", "text": words}


async def get_prompt(ctx: Context, params: Any) -> Json:
    arguments: Json = params.arguments or {}
    match params.name:
        case "test_simple_prompt":
            return messages(say("This is a simple prompt for testing."))
        case "test_prompt_with_arguments":
            return messages(
                say(f"Prompt with arguments: arg1='{arguments.get('arg1')}', arg2='{arguments.get('arg2')}'")
            )
        case "test_prompt_with_embedded_resource":
            held = {
                "uri": arguments.get("resourceUri", "test://example-resource"),
                "mimeType": "text/plain",
                "text": "Embedded resource content for testing.",
            }
            block = {"type": "resource", "resource": held}
            return messages(block, say("Please process the embedded resource above."))
        case "test_prompt_with_image":
            return messages(image(), say("Please analyze the image above."))
        case "test_input_required_result_prompt":
            return ask_first(ctx)
        case _:
            raise MCPError(-32602, f"No such prompt: {params.name}")


def ask_first(ctx: Context) -> Json:
    answer = accepted(responses(ctx).get("user_context"))
    if answer is None:
        return input_required({"user_context": ask_form("What context should the prompt use?", "context")})
    return messages(say(f"Use this context: {answer.get('context')}"))


def contents(uri: str, mime: str, **body: str) -> Json:
    return FRESH | {"contents": [{"uri": uri, "mimeType": mime, **body}]}


async def read_resource(_ctx: Context, params: Any) -> Json:
    uri = str(params.uri)
    match uri:
        case "test://static-text":
            return contents(uri, "text/plain", text="This is the content of the static text resource.")
        case "test://static-binary":
            return contents(uri, "image/png", blob=PIXEL)
        case "test://watched-resource":
            return contents(uri, "text/plain", text="Watched resource content.")
        case _:
            return templated(uri)


def templated(uri: str) -> Json:
    found = _TEMPLATE.fullmatch(uri)
    if found is None:
        raise MCPError(-32602, "Resource not found", {"uri": uri})
    data = {"id": found[1], "templateTest": True, "data": f"Data for ID: {found[1]}"}
    return contents(uri, "application/json", text=json.dumps(data))


async def complete(_ctx: Context, params: Any) -> Json:
    prefix = params.argument.value
    values = [word for word in ("paris", "park", "party") if word.startswith(prefix)]
    return {"resultType": "complete", "completion": {"values": values, "total": len(values), "hasMore": False}}
