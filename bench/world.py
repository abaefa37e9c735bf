"""What a measurement needs around it: data directories, a catalog of one service, programs that answer."""

import socket
import subprocess
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import msgspec

from bench.process import Measured, running
from trunkline.catalog.write import write_catalog
from trunkline.contract import AuthKind, AuthScheme, Body, BodyField, Effect, Plan, Service, ToolSpec
from trunkline.selection import build as index

READY_SECONDS = 30
_LOOK = 0.25  # seconds between two looks at a program that is settling
_IDLE = 0.02  # share of a core below which a program counts as idle
_SCHEMA = b'{"type":"object","properties":{"text":{"type":"string"}},"required":["text"]}'
_HOST = "service.example.com"
_UPSTREAM = '[upstreams.echo]\nurl = "{url}"\nprefix = ""\n'


@dataclass(frozen=True)
class Listening:
    """A program and the port it answers on."""

    program: Measured
    port: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/mcp"


@contextmanager
def far_end(folder: Path) -> Generator[Listening]:
    port = free_port()
    with running(["-m", "bench.upstream", str(port)], folder / "upstream.log") as program:
        yield answering(program, port)


@contextmanager
def bare_proxy(folder: Path, upstream: Listening) -> Generator[Listening]:
    port = free_port()
    with running(["-m", "bench.bare_proxy", str(port), upstream.url], folder / "proxy.log") as program:
        yield answering(program, port)


@contextmanager
def gateway(data: Path, far: Listening) -> Generator[Listening]:
    """`trunkline up` as a user starts it: `far` is its upstream MCP server, and its sandbox."""
    (data / "trunkline.toml").write_text(_UPSTREAM.format(url=far.url), encoding="utf-8")
    port = free_port()
    command = ["-m", "trunkline", "up", f"--port={port}", "--sandbox", f"--sandbox-url=http://127.0.0.1:{far.port}"]
    with running(command, data / "gateway.log", {"TRUNKLINE_DATA_DIR": str(data)}) as program:
        yield answering(program, port)


def token(data: Path) -> str:
    command = [sys.executable, "-m", "trunkline", "token", f"--data-dir={data}"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def write_one_service(catalog: Path) -> None:
    """A catalog of one service with two tools: `echo_send_text` is passed on whole, `echo_send_part` keeps a field."""
    service = Service(
        id="echo",
        title="Echo",
        summary="Answers with what it was sent.",
        category="code",
        base_url=f"https://{_HOST}",
        hosts=(_HOST,),
        auth=(AuthScheme(AuthKind.BEARER),),
    )
    specs = [_tool("echo_send_text", ()), _tool("echo_send_part", ("id", "state", "echo"))]
    write_catalog(catalog, [(service, specs)])
    index.build(catalog, [msgspec.structs.replace(service, tools=len(specs))], specs)


def _tool(name: str, keep: tuple[str, ...]) -> ToolSpec:
    body = Body("application/json", fields=(BodyField("text", "text"),), required=True)
    return ToolSpec(
        name=name,
        service="echo",
        category="code",
        operation=f"POST /{name}",
        title="Send a text",
        description="Sends a text and answers with it.",
        effect=Effect.READ,
        idempotent=True,
        input_schema=_SCHEMA,
        signature=f"{name}(text: str)",
        signature_tokens=8,
        listing_tokens=40,
        plan=Plan("POST", f"/{name}", body=body),
        keep=keep,
    )


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def answering(program: Measured, port: int) -> Listening:
    """Returns as soon as the port takes connections. Raises RuntimeError with the program's output if it never does."""
    end = time.monotonic() + READY_SECONDS
    while not listens(port):
        if program.process.poll() is not None or time.monotonic() > end:
            raise RuntimeError(f"a program did not start:\n{program.said()}")
        time.sleep(0.005)  # noqa: TID251 - another process is waited for, with a bound
    return Listening(program, port)


def settle(program: Measured) -> None:
    """Waits until the program has done what it does once after its start, so that no call pays for it."""
    before, calm = program.cpu(), 0
    end = time.monotonic() + READY_SECONDS
    while calm < 3 and time.monotonic() < end:
        time.sleep(_LOOK)  # noqa: TID251 - another process is waited for, with a bound
        now = program.cpu()
        calm = calm + 1 if now - before < _LOOK * _IDLE else 0
        before = now


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
