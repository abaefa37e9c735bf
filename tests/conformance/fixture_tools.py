"""The tools that the MCP conformance suites call, with the exact names and texts they look for."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import mcp_types as types
from mcp.server.context import ServerRequestContext
from mcp.shared.exceptions import MCPError

Json = dict[str, Any]
Context = ServerRequestContext[Any, Any]
Handler = Callable[[Context, Json], Awaitable[Json]]

PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg=="
SILENCE = "UklGRiYAAABXQVZFZm10IBAAAAABAAEAQB8AAAB9AAACABAAZGF0YQIAAAA="
LOG_LEVEL_KEY = "io.modelcontextprotocol/logLevel"
STEP = 0.05  # seconds between two messages of one tool


@dataclass(frozen=True, slots=True)
class Fixture:
    """One tool: what tools/list says of it and what runs."""

    name: str
    description: str
    schema: Json
    run: Handler

    def definition(self) -> Json:
        read_only = {"readOnlyHint": True}
        return {
            "name": self.name,
            "description": self.description,
            "inputSchema": self.schema,
            "annotations": read_only,
        }


TOOLS: dict[str, Fixture] = {}


def tool(name: str, description: str, schema: Json | None = None) -> Callable[[Handler], Handler]:
    def register(run: Handler) -> Handler:
        TOOLS[name] = Fixture(name, description, schema or {"type": "object", "properties": {}}, run)
        return run

    return register


def one(argument: str, about: str, **extra: Any) -> Json:
    """Schema of an object with one required text property."""
    properties = {argument: {"type": "string", "description": about, **extra}}
    return {"type": "object", "properties": properties, "required": [argument]}


def text(value: str, **extra: Any) -> Json:
    return {"resultType": "complete", "content": [{"type": "text", "text": value}], **extra}


def content(*blocks: Json) -> Json:
    return {"resultType": "complete", "content": list(blocks)}


def image() -> Json:
    return {"type": "image", "data": PIXEL, "mimeType": "image/png"}


def resource(uri: str, mime: str, body: str) -> Json:
    return {"type": "resource", "resource": {"uri": uri, "mimeType": mime, "text": body}}


@tool("test_simple_text", "Answers with one text.")
async def simple_text(_ctx: Context, _arguments: Json) -> Json:
    return text("This is a simple text response for testing.")


@tool("test_image_content", "Answers with one image.")
async def image_content(_ctx: Context, _arguments: Json) -> Json:
    return content(image())


@tool("test_audio_content", "Answers with one sound.")
async def audio_content(_ctx: Context, _arguments: Json) -> Json:
    return content({"type": "audio", "data": SILENCE, "mimeType": "audio/wav"})


@tool("test_embedded_resource", "Answers with one embedded resource.")
async def embedded_resource(_ctx: Context, _arguments: Json) -> Json:
    return content(resource("test://embedded-resource", "text/plain", "This is an embedded resource content."))


@tool("test_multiple_content_types", "Answers with a text, an image and a resource.")
async def multiple_content_types(_ctx: Context, _arguments: Json) -> Json:
    mixed = resource("test://mixed-content-resource", "application/json", '{"test":"data","value":123}')
    return content({"type": "text", "text": "Multiple content types test:"}, image(), mixed)


async def log(ctx: Context, message: str) -> None:
    params = types.LoggingMessageNotificationParams(level="info", data=message)
    await ctx.session.send_notification(types.LoggingMessageNotification(params=params), ctx.request_id)


def wants_logs(ctx: Context) -> bool:
    """Since 2026-07-28 a log message is sent only to the request that asked for it."""
    return ctx.protocol_version < "2026-07-28" or LOG_LEVEL_KEY in (ctx.meta or {})


@tool("test_tool_with_logging", "Sends three log messages.")
async def tool_with_logging(ctx: Context, _arguments: Json) -> Json:
    for message in ("Tool execution started", "Tool processing data", "Tool execution completed"):
        if wants_logs(ctx):
            await log(ctx, message)
        await asyncio.sleep(STEP)
    return text("Tool with logging executed successfully")


@tool("test_logging_tool", "Sends a log message if the request asks for messages.")
async def logging_tool(ctx: Context, _arguments: Json) -> Json:
    if wants_logs(ctx):
        await log(ctx, "Asked for, and sent")
    return text("Logged")


@tool("test_tool_with_progress", "Reports progress three times.")
async def tool_with_progress(ctx: Context, _arguments: Json) -> Json:
    for done in (0, 50, 100):
        await ctx.session.report_progress(done, 100, f"Completed step {done} of 100")
        await asyncio.sleep(STEP)
    return text(str((ctx.meta or {}).get("progress_token", "none")))


@tool("test_error_handling", "Always fails.")
async def error_handling(_ctx: Context, _arguments: Json) -> Json:
    return text("This tool intentionally returns an error for testing", isError=True)


@tool("test_reconnection", "Closes its stream in mid call; the client comes back for the answer.")
async def reconnection(ctx: Context, _arguments: Json) -> Json:
    if ctx.close_sse_stream is not None:
        await ctx.close_sse_stream()
        await asyncio.sleep(4 * STEP)
    return text("Reconnection test completed successfully")


@tool(
    "test_x_mcp_header",
    "Takes an argument that is also a header.",
    one("region", "Region", **{"x-mcp-header": "Region"}),
)
async def x_mcp_header(_ctx: Context, arguments: Json) -> Json:
    return text(f"region={arguments.get('region')}")


JSON_SCHEMA_2020_12: Json = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "$defs": {
        "address": {
            "$anchor": "addressDef",
            "type": "object",
            "properties": {"street": {"type": "string"}, "city": {"type": "string"}},
        }
    },
    "properties": {
        "name": {"type": "string"},
        "address": {"$ref": "#/$defs/address"},
        "contactMethod": {"type": "string", "enum": ["phone", "email"]},
        "phone": {"type": "string"},
        "email": {"type": "string"},
    },
    "allOf": [{"anyOf": [{"required": ["phone"]}, {"required": ["email"]}]}],
    "if": {"properties": {"contactMethod": {"const": "phone"}}, "required": ["contactMethod"]},
    "then": {"required": ["phone"]},
    "else": {"required": ["email"]},
    "additionalProperties": False,
}


@tool("json_schema_2020_12_tool", "Tool with JSON Schema 2020-12 features", JSON_SCHEMA_2020_12)
async def json_schema_2020_12(_ctx: Context, arguments: Json) -> Json:
    return text(f"JSON Schema 2020-12 tool called with: {sorted(arguments)}")


@tool("test_missing_capability", "Needs a client that offers sampling.")
async def missing_capability(ctx: Context, _arguments: Json) -> Json:
    if not ctx.session.check_client_capability(types.ClientCapabilities(sampling=types.SamplingCapability())):
        raise MCPError(
            -32021, "This tool needs the client capability sampling", {"requiredCapabilities": {"sampling": {}}}
        )
    return text("The client offers sampling")
