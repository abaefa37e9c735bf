"""What is refused before a request is read: foreign hosts and origins, doubled headers, oversized or packed bodies.

Host and Origin are checked on every listener, with a token or without: a web page that has rebound its name to this
machine speaks from inside (2025-11-25 and 2026-07-28, basic/transports, "Security warning").
"""

from collections.abc import Iterable
from functools import lru_cache
from typing import Final

from trunkline.contract import Fault
from trunkline.gateway.asgi import Receive
from trunkline.gateway.headers import SESSION, Headers

_LOOPBACK: Final = frozenset({b"localhost", b"127.0.0.1", b"[::1]"})
_ONCE: Final = (b"host", b"origin", b"authorization", b"content-type", b"content-length", SESSION)
_MOST_HEADERS: Final = 100


class Rejected(Fault):
    """Answered with this HTTP status and nothing of the protocol."""

    code = "rejected"

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class Guard:
    """`hosts` are names besides the loopback's; `origins` whole origins (scheme://host:port) of trusted web pages."""

    def __init__(self, hosts: Iterable[str], origins: Iterable[str], body_limit: int) -> None:
        self._hosts = _LOOPBACK | {host.encode().lower() for host in hosts}
        self._origins = frozenset(origin.encode() for origin in origins)
        self._limit = body_limit

    def check(self, headers: Headers) -> None:
        """Raises Rejected."""
        if len(headers) > _MOST_HEADERS:
            raise Rejected(431, "Too many headers")
        if headers.doubled and any(name in headers.doubled for name in _ONCE):
            raise Rejected(400, "A header that may be sent once was sent twice")
        if _name(headers.get(b"host", b"")) not in self._hosts:
            raise Rejected(403, "Invalid Host header")
        origin = headers.get(b"origin")
        if origin is not None and origin not in self._origins and _origin_host(origin) not in _LOOPBACK:
            raise Rejected(403, "Invalid Origin header")

    def trusts(self, origin: bytes) -> bool:
        """Whether pages of this origin may read answers (CORS)."""
        return origin in self._origins

    def check_body(self, headers: Headers) -> None:
        """Raises Rejected for a body that will not be read."""
        kind = headers.get(b"content-type", b"")
        if kind != b"application/json" and kind.partition(b";")[0].strip().lower() != b"application/json":
            raise Rejected(415, "Content-Type must be application/json")
        packed = headers.get(b"content-encoding")
        if packed is not None and packed.lower() != b"identity":
            raise Rejected(415, "Content-Encoding is not supported")
        length = headers.get(b"content-length", b"0")
        if length.isdigit() and int(length) > self._limit:
            raise _too_large()

    async def body(self, receive: Receive) -> bytes | None:
        """The whole body; None if the client left before it was complete. Raises Rejected."""
        message = await receive()
        parts: list[bytes] = []
        size = 0
        while message["type"] == "http.request":
            part: bytes = message.get("body", b"")
            size += len(part)
            if size > self._limit:
                raise _too_large()
            if not message.get("more_body", False):
                return b"".join([*parts, part]) if parts else part
            parts.append(part)
            message = await receive()
        return None


@lru_cache(64)
def accepts(header: bytes) -> tuple[bool, bool]:
    """Whether an Accept header takes JSON, and an event stream (RFC 9110 section 12.5.1; weights are not looked at)."""
    kinds = {kind.partition(b";")[0].strip().lower() for kind in header.split(b",")}
    return (
        not kinds.isdisjoint({b"*/*", b"application/*", b"application/json"}),
        not kinds.isdisjoint({b"*/*", b"text/*", b"text/event-stream"}),
    )


@lru_cache(64)
def _name(host: bytes) -> bytes:
    """The host without its port."""
    if host.startswith(b"["):
        return host[: host.find(b"]") + 1].lower()
    return host.partition(b":")[0].lower()


def _origin_host(origin: bytes) -> bytes:
    scheme, _, host = origin.partition(b"://")
    return _name(host) if scheme in (b"http", b"https") else b""


def _too_large() -> Rejected:
    return Rejected(413, "Request body too large")
