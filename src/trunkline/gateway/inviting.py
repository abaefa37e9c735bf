"""A call that lacks a connection: the caller is led to the connect page, and the call goes on once there is one.

A client that opens URLs for its user is asked to (URL-mode elicitation): in the 2025-11-25 form by a request within the
call, in the 2026-07-28 form by a result that asks for input and is followed by the same call. Every other client gets
the link as text. Secrets are never asked for in a form: a client would see them, and so would its model.
"""

import asyncio
import secrets
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, Final, Protocol

import msgspec
import orjson

from trunkline.contract import AllowedCall, NeedsConnection, Principal, Service
from trunkline.gateway.events import CallContext, ClientReply, ClientRequest, LaneEvent, Notification
from trunkline.policy import Asked

PATIENCE: Final = 300.0  # seconds that a call waits for its user to connect
RETRY_PATIENCE: Final = 30.0  # the same for a call that was repeated: it may be repeated again
_LOOK: Final = 0.5  # seconds between two looks whether the service is connected by now
_URL_MODE: Final = "2025-11-25"  # the first version that knows it
_KEY: Final = "connect"
_ELICIT: Final = "elicitation/create"

Allow = Callable[[Asked], Awaitable[AllowedCall]]


class Links(Protocol):
    """Where a person connects a service."""

    def __call__(self, principal: Principal, service: Service) -> str:
        """A link that is good for this person alone; empty where there is no page to lead to."""
        ...


def no_links(principal: Principal, service: Service) -> str:
    """For a gateway without a site (stdio)."""
    return ""


class Invitation(msgspec.Struct, frozen=True):
    """One call's way to the connect page."""

    url: str
    title: str
    fault: NeedsConnection

    def told(self) -> NeedsConnection:
        """The fault with its link: for a model to pass on."""
        hint = f"Ask the user to open {self.url} and connect {self.title}, then call again."
        return NeedsConnection(self.fault.message, hint)

    def params(self, **more: str) -> dict[str, str]:
        """Those of a URL-mode elicitation."""
        message = f"{self.fault.message} Connect {self.title} so that the call can go on."
        return {"mode": "url", "message": message, "url": self.url, **more}


class Inviting:
    """Leads callers to the connect page. `allow` decides on a call (`reach.Reach.allow`)."""

    def __init__(self, links: Links, allow: Allow) -> None:
        self._links = links
        self._allow = allow

    def invitation(self, asked: Asked, fault: NeedsConnection) -> Invitation:
        """Raises `fault` where there is no page to lead to."""
        url = self._links(asked.principal, asked.service)
        if not url:
            raise fault
        return Invitation(url, asked.service.title, fault)

    async def again(self, asked: Asked, context: CallContext, invitation: Invitation) -> AllowedCall | bytes:
        """Modern era: the call, if its client has come back and the service is connected; else the result to send it.

        Raises NeedsConnection where the user declined.
        """
        action = _answered(context.input_responses)
        if action and action != "accept":
            raise invitation.told()
        allowed = await self._connected(asked, RETRY_PATIENCE) if action else None
        if allowed is not None:
            return allowed
        requests = {_KEY: {"method": _ELICIT, "params": invitation.params()}}
        return orjson.dumps({"resultType": "input_required", "inputRequests": requests})

    async def ask(
        self, asked: Asked, invitation: Invitation, go_on: Callable[[AllowedCall], AsyncIterator[LaneEvent]]
    ) -> AsyncIterator[LaneEvent]:
        """Legacy era: asks the client within the call, waits until the service is connected, and goes on.

        Raises NeedsConnection where the user declined, or never connected.
        """
        id = secrets.token_hex(16)
        reply: asyncio.Future[ClientReply] = asyncio.get_running_loop().create_future()
        yield ClientRequest(_ELICIT, orjson.dumps(invitation.params(elicitationId=id)), reply)
        answer = await reply
        if answer.error or _action(answer.result) != "accept":
            raise invitation.told()
        allowed = await self._connected(asked, PATIENCE)
        if allowed is None:
            raise invitation.told()
        yield Notification("notifications/elicitation/complete", orjson.dumps({"elicitationId": id}))
        async for event in go_on(allowed):
            yield event

    async def _connected(self, asked: Asked, seconds: float) -> AllowedCall | None:
        """The call, once its service is connected; its time begins then."""
        allowed_for = asked.deadline - time.time()
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            try:
                return await self._allow(msgspec.structs.replace(asked, deadline=time.time() + allowed_for))
            except NeedsConnection:
                await asyncio.sleep(_LOOK)
        return None


def opens_urls(context: CallContext) -> bool:
    """Whether the client says that it opens URLs for its user."""
    if context.modern:
        return _declared(context.meta, _MODERN)
    session = context.session
    return session is not None and session.protocol >= _URL_MODE and _declared(session.initialize, _LEGACY)


class _Elicitation(msgspec.Struct):
    url: dict[str, Any] | None = None


class _Capabilities(msgspec.Struct):
    elicitation: _Elicitation | None = None


class _Initialize(msgspec.Struct):
    capabilities: _Capabilities = msgspec.field(default_factory=_Capabilities)


class _Meta(msgspec.Struct):
    capabilities: _Capabilities = msgspec.field(
        default_factory=_Capabilities, name="io.modelcontextprotocol/clientCapabilities"
    )


class _Response(msgspec.Struct):
    action: str = ""


_LEGACY: Final = msgspec.json.Decoder(_Initialize)
_MODERN: Final = msgspec.json.Decoder(_Meta)


def _declared(text: bytes, decoder: "msgspec.json.Decoder[_Initialize] | msgspec.json.Decoder[_Meta]") -> bool:
    try:
        elicitation = decoder.decode(text).capabilities.elicitation
    except msgspec.DecodeError:
        return False
    return elicitation is not None and elicitation.url is not None


def _answered(responses: bytes) -> str:
    """What the user did about our question; empty if it is not among the responses."""
    try:
        found = msgspec.json.decode(responses or b"{}", type=dict[str, msgspec.Raw])
    except msgspec.DecodeError:
        return ""
    return _action(bytes(found[_KEY])) or "cancel" if _KEY in found else ""


def _action(result: bytes) -> str:
    try:
        return msgspec.json.decode(result, type=_Response).action
    except msgspec.DecodeError:
        return ""
