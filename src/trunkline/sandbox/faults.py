"""Faults that a caller asked for: the next requests to a service fail, so that error paths can be tried."""

from typing import Annotated, Literal

import msgspec

Kind = Literal[401, 403, 404, 409, 429, 500, 502, 503, "slow", "drop"]


class Fault(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`count` requests to `service` are answered with this status, `seconds` late, or by closing the connection.

    `retry_after` (seconds) is sent with 429 and 503. A slow answer is the normal one otherwise.
    """

    service: str
    fault: Kind
    count: Annotated[int, msgspec.Meta(ge=1, le=1_000_000)] = 1
    seconds: Annotated[float, msgspec.Meta(ge=0, le=300)] = 1.0
    retry_after: Annotated[int, msgspec.Meta(ge=0)] = 1


class Faults:
    """Faults by service, each used up in the order they were asked for."""

    def __init__(self) -> None:
        self._waiting: dict[str, list[Fault]] = {}

    def add(self, fault: Fault) -> None:
        self._waiting.setdefault(fault.service, []).append(fault)

    def take(self, service: str) -> Fault | None:
        """The fault of this request, if one was asked for."""
        queue = self._waiting.get(service)
        if not queue:
            return None
        fault = queue[0]
        if fault.count == 1:
            queue.pop(0)
        else:
            queue[0] = msgspec.structs.replace(fault, count=fault.count - 1)
        return fault

    def waiting(self) -> list[Fault]:
        return [fault for queue in self._waiting.values() for fault in queue]

    def clear(self) -> None:
        self._waiting.clear()
