"""Legacy sessions: what `initialize` settled, so that tools/* of a session need not touch the SDK.

The SDK makes a session and keeps its own state of it; this table mirrors who it belongs to and which version it
speaks, and decides when it has been idle for too long.
"""

import time
from collections.abc import Callable
from typing import Final, Protocol

import msgspec

from trunkline.gateway.events import ClientReply, Notification
from trunkline.gateway.replies import NO_BACK_CHANNEL, Replies
from trunkline.gateway.sweep import Alarm, Sweep
from trunkline.gateway.toolset import Caller

LEGACY_VERSIONS: Final = ("2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25")
_LOOK: Final = 30.0  # seconds between two looks for idle sessions


class _Initialize(msgspec.Struct):
    protocolVersion: str = ""  # noqa: N815 - the name on the wire


def negotiated(initialize: bytes) -> str:
    """The version a handshake ends with: the client's if it is a legacy one, else the newest legacy version."""
    asked = msgspec.json.decode(initialize, type=_Initialize).protocolVersion
    return asked if asked in LEGACY_VERSIONS else LEGACY_VERSIONS[-1]


class Outlet(Protocol):
    """A session's own stream."""

    def notify(self, notification: Notification) -> None: ...

    async def request(self, method: str, params: bytes) -> ClientReply: ...


class Session:
    """One legacy client (`events.ClientSession`). `initialize` is the JSON text of its `initialize` params."""

    def __init__(self, id: str, caller: Caller, initialize: bytes) -> None:
        self.id = id
        self.caller = caller
        self.initialize = initialize
        self.protocol = negotiated(initialize)
        self.replies = Replies()
        self.used = time.monotonic()
        self.open_requests = 0
        self.outlet: Outlet | None = None

    def notify(self, notification: Notification) -> None:
        """Puts a notification on the session's own stream; dropped when nobody listens."""
        if self.outlet is not None:
            self.outlet.notify(notification)

    async def request(self, method: str, params: bytes) -> ClientReply:
        """Asks the client on the session's own stream; an error reply when nobody listens."""
        return NO_BACK_CHANNEL if self.outlet is None else await self.outlet.request(method, params)


class Sessions:
    """All sessions of this process. `ended` is told of each that is over."""

    def __init__(self, sweep: Sweep, idle_seconds: float, ended: Callable[[Session], None]) -> None:
        self._sweep = sweep
        self._idle = idle_seconds
        self._ended = ended
        self._sessions: dict[str, Session] = {}
        self._looking = False

    def __len__(self) -> int:
        return len(self._sessions)

    def add(self, session: Session) -> None:
        self._sessions[session.id] = session
        if not self._looking:
            self._looking = True
            self._sweep.set(Alarm(self._look), min(_LOOK, self._idle))

    def find(self, id: str, caller: Caller) -> Session | None:
        """The caller's session of this URL; someone else's looks like none."""
        session = self._sessions.get(id)
        if session is None or not session.caller.is_same(caller):
            return None
        session.used = time.monotonic()
        return session

    def end(self, session: Session) -> None:
        if self._sessions.pop(session.id, None) is not None:
            session.replies.close()
            self._ended(session)

    def _look(self) -> None:
        oldest = time.monotonic() - self._idle
        for session in [each for each in self._sessions.values() if each.used < oldest and not each.open_requests]:
            self.end(session)
        self._looking = bool(self._sessions)
        if self._looking:
            self._sweep.set(Alarm(self._look), min(_LOOK, self._idle))
