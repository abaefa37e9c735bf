"""The Redis or Valkey server of one connection, and what its errors mean."""

import asyncio
from collections.abc import Awaitable
from typing import Annotated, Any, Final, cast

from msgspec import Meta
from redis import exceptions
from redis.asyncio import Redis as Client
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from trunkline.contract import (
    Access,
    CredentialRejected,
    Fault,
    InvalidArguments,
    Module,
    UpstreamFailed,
    UpstreamTimeout,
    UpstreamUnavailable,
)

_CONNECTIONS: Final = 8
_SECONDS: Final = 15.0
_CONNECT_SECONDS: Final = 5.0
_HINTS: Final = {
    "WRONGTYPE": "The key holds another kind of value: `type` says which.",
    "NOPERM": "The connected user may not do this: connect another, or grant it the right (ACL SETUSER).",
    "READONLY": "This is a replica: connect the primary.",
    "OOM": "The server is at its memory limit.",
}

Key = Annotated[str, Meta(min_length=1), "Name of the key"]
Value = Annotated[str | int | float, "The value"]
Count = Annotated[int, Meta(ge=1, le=1000), "Most items to return"]
Seconds = Annotated[int, Meta(ge=1), "The key is gone after so many seconds"] | None


class Session(Module):
    """An open client. Values are UTF-8 text; other bytes are shown as \\xNN."""

    errors = (exceptions.RedisError, ConnectionError, TimeoutError)

    def __init__(self, access: Access) -> None:
        super().__init__(access)
        self._client: Client | None = None
        self._free = asyncio.Semaphore(_CONNECTIONS)

    async def open(self) -> None:
        variables, values = self.access.variables, self.access.values
        port, tls = int(variables["port"]), variables["tls"] == "true"
        addresses = await self.access.egress.addresses(variables["host"], port)
        self._client = Client(
            host=variables["host"] if tls else addresses[0],  # a certificate proves the name, not the address
            port=port,
            db=int(variables["database"]),
            username=values["username"] if values["password"] else None,
            password=values["password"] or None,
            ssl=tls,
            ssl_check_hostname=tls,
            decode_responses=True,
            encoding_errors="backslashreplace",
            max_connections=_CONNECTIONS,
            socket_timeout=_SECONDS,
            socket_connect_timeout=_CONNECT_SECONDS,
            client_name="trunkline",
            retry=Retry(NoBackoff(), 0),  # a refused password is refused again; the caller decides about the rest
        )
        await self.run("PING")

    async def close(self) -> None:
        if self._client is not None:
            await self._client.aclose()

    async def run(self, *command: str | int | float) -> Any:
        """What the server answers to a command, its parts sent as they are."""
        assert self._client is not None, "open() comes first"
        async with self._free:  # one call more waits; the client's own pool would refuse it
            return await cast("Awaitable[Any]", self._client.execute_command(*command))  # pyright: ignore[reportUnknownMemberType] - any command

    def fault(self, error: Exception) -> Fault:
        text = f"Redis: {' '.join(str(error).split())}"
        if isinstance(error, exceptions.AuthenticationError) or "NOAUTH" in text or "must be called with" in text:
            return CredentialRejected(text)
        if isinstance(error, exceptions.TimeoutError | TimeoutError):
            return UpstreamTimeout(text, "Ask for less: a smaller count, one key.")
        if isinstance(error, exceptions.ConnectionError | ConnectionError):
            return UpstreamUnavailable(text, "Check host, port and tls of the connection; then call again.")
        if "unknown command" in text.lower():
            return UpstreamFailed(text, "This server lacks the command: a module (JSON) or a newer version has it.")
        hint = next((hint for sign, hint in _HINTS.items() if sign in text or sign in type(error).__name__.upper()), "")
        return UpstreamFailed(text, hint) if hint else InvalidArguments(text, "Correct the arguments, then call again.")
