"""An MCP server with every feature the conformance suites ask for, in both protocol eras, on the official SDK.

Run: python -m tests.conformance.fixture_server --port 3101 [--only legacy|modern]. The endpoint is /mcp; GET /stats
says how many tools/call requests arrived, whatever became of them.
"""

import argparse
import json
from typing import Any

import mcp_types as types
import uvicorn
from mcp.server.lowlevel import Server
from mcp.server.lowlevel.server import NotificationOptions
from mcp.server.models import InitializationOptions
from mcp.server.request_state import RequestStateBoundary, RequestStateSecurity
from mcp.server.subscriptions import (
    InMemorySubscriptionBus,
    ListenHandler,
    PromptsListChanged,
    ResourceUpdated,
    ToolsListChanged,
)
from mcp.shared.exceptions import MCPError
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tests.conformance import fixture_interactive
from tests.conformance.fixture_data import (
    FRESH,
    PROMPTS,
    RESOURCES,
    TEMPLATES,
    complete,
    get_prompt,
    read_resource,
)
from tests.conformance.fixture_tools import TOOLS, Context, Json, text, tool

assert fixture_interactive  # importing it registers its tools
BUS = InMemorySubscriptionBus()


@tool("test_trigger_tool_change", "Says that the list of tools changed.")
async def trigger_tool_change(ctx: Context, _arguments: Json) -> Json:
    await BUS.publish(ToolsListChanged())
    if ctx.protocol_version < "2026-07-28":
        await ctx.session.send_tool_list_changed()
    return text("The list of tools changed")


@tool("test_trigger_prompt_change", "Says that the list of prompts changed.")
async def trigger_prompt_change(ctx: Context, _arguments: Json) -> Json:
    await BUS.publish(PromptsListChanged())
    if ctx.protocol_version < "2026-07-28":
        await ctx.session.send_prompt_list_changed()
    return text("The list of prompts changed")


@tool("test_touch_resource", "Says that test://watched-resource changed.")
async def touch_resource(ctx: Context, _arguments: Json) -> Json:
    await BUS.publish(ResourceUpdated("test://watched-resource"))
    if ctx.protocol_version < "2026-07-28":
        await ctx.session.send_resource_updated("test://watched-resource")
    return text("test://watched-resource changed")


async def list_tools(_ctx: Context, _params: Any) -> Any:
    return FRESH | {"tools": [fixture.definition() for fixture in TOOLS.values()]}


async def call_tool(ctx: Context, params: Any) -> Any:
    fixture = TOOLS.get(params.name)
    if fixture is None:
        raise MCPError(types.INVALID_PARAMS, f"Unknown tool: {params.name}")
    return await fixture.run(ctx, params.arguments or {})


async def list_prompts(_ctx: Context, _params: Any) -> Any:
    return FRESH | {"prompts": PROMPTS}


async def list_resources(_ctx: Context, _params: Any) -> Any:
    return FRESH | {"resources": RESOURCES}


async def list_templates(_ctx: Context, _params: Any) -> Any:
    return FRESH | {"resourceTemplates": TEMPLATES}


async def nothing(_ctx: Context, _params: Any) -> types.EmptyResult:
    return types.EmptyResult()


def schema_of(name: str) -> Json | None:
    fixture = TOOLS.get(name)
    return fixture.schema if fixture else None


class EverythingServer(Server[Any]):
    """The SDK says listChanged: false to legacy clients unless told otherwise."""

    def create_initialization_options(
        self,
        notification_options: NotificationOptions | None = None,
        experimental_capabilities: dict[str, dict[str, Any]] | None = None,
        extensions: dict[str, dict[str, Any]] | None = None,
    ) -> InitializationOptions:
        changes = NotificationOptions(prompts_changed=True, resources_changed=True, tools_changed=True)
        return super().create_initialization_options(changes, experimental_capabilities, extensions)


def create_server() -> EverythingServer:
    handlers: dict[str, Any] = {
        "on_list_tools": list_tools,
        "on_call_tool": call_tool,
        "on_list_prompts": list_prompts,
        "on_get_prompt": get_prompt,
        "on_list_resources": list_resources,
        "on_list_resource_templates": list_templates,
        "on_read_resource": read_resource,
        "on_subscribe_resource": nothing,
        "on_unsubscribe_resource": nothing,
        "on_completion": complete,
        "on_set_logging_level": nothing,
        "on_subscriptions_listen": ListenHandler(BUS),
    }
    server = EverythingServer("fixtures", version="1.0.0", get_tool_input_schema=schema_of, **handlers)
    server.middleware.append(RequestStateBoundary(RequestStateSecurity.ephemeral(), default_audience="fixtures"))
    return server


class CallCounter:
    """Counts tools/call requests as they arrive, so that no layer above can hide one."""

    def __init__(self) -> None:
        self.calls = 0

    async def stats(self, _request: Request) -> JSONResponse:
        return JSONResponse({"calls": self.calls})

    def watch(self, app: ASGIApp) -> ASGIApp:
        async def counted(scope: Scope, receive: Receive, send: Send) -> None:
            await app(scope, self._counting(receive) if scope["type"] == "http" else receive, send)

        return counted

    def _counting(self, receive: Receive) -> Receive:
        body = bytearray()

        async def received() -> Message:
            message = await receive()
            if message["type"] == "http.request":
                body.extend(message.get("body", b""))
                if not message.get("more_body") and b"tools/call" in body:
                    self.calls += json.loads(body).get("method") == "tools/call"
            return message

        return received


def only(era: str, app: ASGIApp) -> ASGIApp:
    """Refuses the requests of the other era, as a server that has never heard of it does."""

    async def refusing(scope: Scope, receive: Receive, send: Send) -> None:
        version = dict(scope.get("headers", ())).get(b"mcp-protocol-version", b"").decode()
        modern = version >= "2026-07-28"
        if scope["type"] != "http" or scope["path"] != "/mcp" or modern == (era == "modern"):
            await app(scope, receive, send)
            return
        error = {"code": -32000, "message": f"Bad Request: Unsupported protocol version: {version}"}
        await JSONResponse({"jsonrpc": "2.0", "id": None, "error": error}, 400)(scope, receive, send)

    return refusing


def create_app(era: str = "") -> ASGIApp:
    """The ASGI application, of one era or (by default) of both."""
    counter = CallCounter()
    routes = [Route("/stats", counter.stats)]
    app = counter.watch(create_server().streamable_http_app(custom_starlette_routes=routes))
    return only(era, app) if era else app


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--only", choices=("legacy", "modern"), default="")
    given = parser.parse_args()
    # h11 strips the blanks around header values as RFC 9110 asks; httptools does not.
    config = uvicorn.Config(create_app(given.only), port=given.port, log_level="warning", http="h11")
    config.timeout_graceful_shutdown = 1  # standing streams would hold it up for ever
    uvicorn.Server(config).run()


if __name__ == "__main__":
    main()
