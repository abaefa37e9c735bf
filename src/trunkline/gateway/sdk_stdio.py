"""The SDK's end of a stdio connection. Importing this imports the SDK: `standard_streams`."""

import anyio
from mcp.shared.message import SessionMessage
from mcp_types import JSONRPCMessage
from mcp_types.jsonrpc import jsonrpc_message_adapter
from pydantic import ValidationError

from trunkline.gateway import rpc
from trunkline.gateway.line import Line
from trunkline.gateway.sdk_server import Context, GatewayServer, Hop
from trunkline.gateway.stdio import Connection
from trunkline.infra.tasks import Tasks

_BUFFER = 64  # messages the SDK may be behind


class SdkStdio:
    """One connection's SDK server (`stdio.SdkPeer`)."""

    def __init__(self, line: Line, connection: Connection) -> None:
        self._connection = connection
        self._server = GatewayServer(line, self._hop)
        self._to_sdk, self._from_client = anyio.create_memory_object_stream[SessionMessage | Exception](_BUFFER)
        self._to_client, self._from_sdk = anyio.create_memory_object_stream[SessionMessage](_BUFFER)

    def start(self, tasks: Tasks) -> None:
        """Runs until `tasks` is closed."""
        options = self._server.create_initialization_options()
        tasks.start(self._server.run(self._from_client, self._to_client, options), "sdk stdio")
        tasks.start(self._pump(), "sdk stdio answers")

    def close(self) -> None:
        """After the tasks have ended."""
        for stream in (self._to_sdk, self._from_client, self._to_client, self._from_sdk):
            stream.close()

    async def put(self, message: bytes) -> None:
        """Raises Refusal for what the SDK does not take for a message."""
        try:
            parsed: JSONRPCMessage = jsonrpc_message_adapter.validate_json(message, by_name=False)
        except ValidationError:
            raise rpc.Refusal(rpc.INVALID_REQUEST, "Not a JSON-RPC message") from None
        await self._to_sdk.send(SessionMessage(parsed))

    async def _pump(self) -> None:
        async for each in self._from_sdk:
            await self._connection.said(each.message.model_dump_json(by_alias=True, exclude_unset=True).encode())

    def _hop(self, _ctx: Context) -> Hop:
        return Hop(self._connection.caller, self._connection.session)
