"""A whole Trunkline as a fixture: `trunkline up` in a data directory of its own, with the catalog that is compiled."""

import os
import subprocess
import sys
from collections.abc import Generator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.support import folders
from tests.support.mcp import Era, McpClient, connect
from tests.support.process import Program, await_ready, free_port, running


@dataclass(frozen=True)
class Gateway:
    """A gateway that answers. `folder` is its data directory; `open_url` asks for no token."""

    program: Program
    folder: Path
    port: int
    open_port: int
    token: str

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/mcp"

    @property
    def open_url(self) -> str:
        return f"http://127.0.0.1:{self.open_port}/mcp"

    def client(self, era: Era = "modern") -> AbstractAsyncContextManager[McpClient]:
        return connect(self.url, era, self.token)


@contextmanager
def gateway(
    folder: Path,
    catalog: Path,
    arguments: Sequence[str] = (),
    settings: str = "",
    port: int = 0,
    **environment: str,
) -> Generator[Gateway]:
    """`trunkline up --sandbox ARGUMENTS`. `settings` is the text of trunkline.toml; `port` 0 is any that is free."""
    prepare(folder, catalog, settings)
    port, open_port = port or free_port(), free_port()
    options = ["up", "--sandbox", f"--port={port}", f"--open-port={open_port}", *arguments]
    with running("trunkline", options, environment_of(folder, environment), folder / "output") as program:
        await_ready(program, port)
        yield Gateway(program, folder, port, open_port, token_of(folder))


def prepare(folder: Path, catalog: Path, settings: str = "") -> None:
    """A data directory with a catalog that is built already. One that is there is used again."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "catalog").unlink(missing_ok=True)
    (folder / "catalog").symlink_to(catalog, target_is_directory=True)
    (folder / "trunkline.toml").write_text(settings, encoding="utf-8")


def environment_of(folder: Path, more: Mapping[str, str] | None = None) -> dict[str, str]:
    return {
        "TRUNKLINE_DATA_DIR": str(folder),
        "TRUNKLINE_CACHE_DIR": str(folders.downloads()),
        **(more or {}),
    }


def trunkline(
    folder: Path, *arguments: str, seconds: float = 60, **environment: str
) -> subprocess.CompletedProcess[str]:
    """Runs one command of the command line to its end."""
    return subprocess.run(
        [sys.executable, "-m", "trunkline", *arguments],
        env=dict(os.environ) | environment_of(folder, environment),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
    )


def token_of(folder: Path) -> str:
    done = trunkline(folder, "token")
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()
