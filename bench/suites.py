"""The measurements, one function each."""

import shutil
import time
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from bench import world
from bench.results import Start
from bench.rounds import Contestant, Row, compare
from bench.target import Target
from trunkline.catalog import Catalog

CONNECTIONS = (1, 16, 64)
_SETTLE_SECONDS = 1.0


@dataclass(frozen=True)
class Effort:
    """How long to measure: `rounds` of `seconds` a target, `starts` of the program."""

    rounds: int = 5
    seconds: float = 1.5
    starts: int = 5


def federated(effort: Effort) -> list[Row]:
    """A call to a federated MCP server: direct, through a bare proxy, through the gateway in both eras."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="bench-")))
        world.write_one_service(folder / "catalog")
        far = stack.enter_context(world.far_end(folder))
        proxy = stack.enter_context(world.bare_proxy(folder, far))
        gateway = stack.enter_context(world.gateway(folder, far))
        token = world.token(folder)
        contestants = [
            Contestant(Target("direct", far.url, "echo"), far.program),
            Contestant(Target("bare proxy", proxy.url, "echo"), proxy.program),
            Contestant(Target("gateway", gateway.url, "echo", token=token), gateway.program),
            Contestant(Target("gateway, may write", gateway.url, "store", token=token), gateway.program),
            Contestant(Target("legacy client", gateway.url, "echo", "legacy", token=token), gateway.program),
        ]
        return _all(contestants, CONNECTIONS, effort)


def category(effort: Effort) -> list[Row]:
    """A call of a compiled tool: gateway, child process, HTTP service, and back."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="bench-")))
        world.write_one_service(folder / "catalog")
        far = stack.enter_context(world.far_end(folder))
        gateway = stack.enter_context(world.gateway(folder, far))
        token = world.token(folder)
        contestants = [
            Contestant(Target("kept whole", gateway.url, "echo_send_text", token=token), gateway.program),
            Contestant(Target("fields kept", gateway.url, "echo_send_part", token=token), gateway.program),
        ]
        return _all(contestants, (16,), effort)


def _all(contestants: list[Contestant], connections: tuple[int, ...], effort: Effort) -> list[Row]:
    for contestant in contestants:
        contestant.target.open()
    for program in {id(contestant.program): contestant.program for contestant in contestants}.values():
        world.settle(program)
    return [row for count in connections for row in compare(contestants, count, effort.rounds, effort.seconds)]


def _first_answer(target: Target) -> None:
    """Asks until it is answered: a port may take connections a moment before anybody serves them."""
    for _ in range(world.READY_SECONDS * 100):
        with suppress(ConnectionError):
            target.request("tools/list")
            return
        time.sleep(0.01)  # noqa: TID251 - another process is waited for, with a bound
    raise RuntimeError("the gateway does not answer")


def start(catalog: Path, effort: Effort) -> Start:
    """From starting the program to its first tools/list, with the catalog in `catalog`; and its memory then."""
    seconds: list[float] = []
    memory: list[tuple[float, float]] = []
    with TemporaryDirectory(prefix="bench-") as name, world.far_end(Path(name)) as far:
        folder = Path(name)
        shutil.copytree(catalog, folder / "catalog")
        token = world.token(folder)
        for _ in range(effort.starts):
            begun = time.perf_counter()
            with world.gateway(folder, far) as gateway:
                _first_answer(Target("gateway", gateway.url, "", token=token))
                seconds.append(time.perf_counter() - begun)
                time.sleep(_SETTLE_SECONDS)  # noqa: TID251 - idle is what is measured next
                memory.append((gateway.program.memory() / 2**20, gateway.program.family_memory() / 2**20))
    services = Catalog.open(catalog).services.values()
    return Start(
        services=len(services),
        tools=sum(service.tools for service in services),
        runs=effort.starts,
        seconds=round(median(seconds), 3),
        gateway_mb=round(median(own for own, _ in memory), 1),
        family_mb=round(median(family for _, family in memory), 1),
    )
