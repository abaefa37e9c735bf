"""Upstream servers as fixtures: the conformance fixtures as a real program, in both eras or in one."""

from collections.abc import AsyncGenerator, Generator

import pytest

from tests.gateway.federation.support import Rig
from tests.support.process import Program, await_ready, free_port, running

MODULE = "tests.conformance.fixture_server"


@pytest.fixture(scope="session")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Generator[dict[str, str]]:
    """URLs of three upstream servers: of both eras, and of each alone."""
    folder = tmp_path_factory.mktemp("upstreams")
    ports = {era: free_port() for era in ("both", "legacy", "modern")}
    with (
        running(MODULE, _arguments(ports["both"], ""), {}, folder / "both") as both,
        running(MODULE, _arguments(ports["legacy"], "legacy"), {}, folder / "legacy") as legacy,
        running(MODULE, _arguments(ports["modern"], "modern"), {}, folder / "modern") as modern,
    ):
        for program, era in ((both, "both"), (legacy, "legacy"), (modern, "modern")):
            _await(program, ports[era])
        yield {era: f"http://127.0.0.1:{port}/mcp" for era, port in ports.items()}


@pytest.fixture(params=["both", "legacy", "modern"])
async def rig(request: pytest.FixtureRequest, servers: dict[str, str]) -> AsyncGenerator[Rig]:
    """A federation of one upstream server without a prefix, in every era of that server."""
    async with Rig.of(servers[request.param], request.param) as rig:
        yield rig


@pytest.fixture
async def both(servers: dict[str, str]) -> AsyncGenerator[Rig]:
    """A federation of one upstream server that speaks both eras."""
    async with Rig.of(servers["both"], "both") as rig:
        yield rig


def _arguments(port: int, era: str) -> list[str]:
    return ["--port", str(port), *(["--only", era] if era else [])]


def _await(program: Program, port: int) -> None:
    await_ready(program, port, "/stats")
