"""What the machine does: category servers and the gateway's own process."""

import os
import time
from collections.abc import Callable
from typing import Final

from trunkline.admin import status
from trunkline.admin.api.audit import Stage
from trunkline.admin.api.overview import Machine, Server, State
from trunkline.gateway.dispatch import CategoryState, Ports
from trunkline.gateway.timings import Timings

_STATES: Final[dict[str, State]] = {
    "up": "up", "starting": "starting", "down": "idle", "failing": "down", "in process": "in process",
}  # fmt: skip
_MEGABYTE: Final = 1024 * 1024


def machine(ports: Ports) -> Callable[[], Machine]:
    """A function that says how things stand; its uptime counts from here."""
    started = time.monotonic()

    def now() -> Machine:
        servers = tuple(_server(state) for state in ports.states())
        return Machine(servers, status.memory(os.getpid()), time.monotonic() - started)

    return now


def stages(timings: Timings) -> Callable[[str], tuple[Stage, ...]]:
    """A function that says where a call's time went; nothing for one that is not known any more."""

    def of(call: str) -> tuple[Stage, ...]:
        found = timings.of(call)
        if found is None:
            return ()
        one, two = found.allow, found.allow + found.record
        return (
            Stage("allow", 0.0, found.allow),
            Stage("record", one, found.record),
            Stage("upstream", two, found.upstream),
            Stage("rest", two + found.upstream, found.rest),
        )

    return of


def _server(state: CategoryState) -> Server:
    memory = state.rss_bytes / _MEGABYTE
    return Server(
        state.category, _STATES[state.state], memory, state.calls, state.in_flight, state.restarts, state.fault
    )
