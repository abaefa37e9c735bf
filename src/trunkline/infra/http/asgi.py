"""ASGI 3.0 as types: https://asgi.readthedocs.io/en/latest/specs/main.html."""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, Final

Scope = MutableMapping[str, Any]
Event = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Event]]
Send = Callable[[Event], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]
Pair = tuple[bytes, bytes]

RETRY_AFTER: Final[Pair] = (b"retry-after", b"5")  # with 503, where we do not know better
