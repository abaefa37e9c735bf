"""The gateway under trial: the catalog of the chosen services, compiled anew where it must be, and `trunkline up`."""

from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from bench.process import running
from bench.target import Target
from bench.validity.door import Door
from bench.world import answering, free_port, token
from trunkline.catalog.manifest import Manifest
from trunkline.catalog.manifests import Manifests
from trunkline.catalog.sources import Sources
from trunkline.compiler.build import build


def compiled(folder: Path, sources: Sources, manifests: Mapping[str, Manifest]) -> Sequence[str]:
    """Compiles the catalog into `folder`; the problems of doing so."""
    return build(folder, sources, Manifests(manifests)).problems


@contextmanager
def gateway(data: Path, catalog: Path, door: Door) -> Generator[Target]:
    """`trunkline up` whose services are all behind the door."""
    data.mkdir(parents=True)
    (data / "catalog").symlink_to(catalog.resolve(), target_is_directory=True)
    port = free_port()
    command = ["-m", "trunkline", "up", f"--port={port}", "--sandbox", f"--sandbox-url={door.url}"]
    with running(command, data / "gateway.log", {"TRUNKLINE_DATA_DIR": str(data)}) as program:
        answering(program, port)
        yield Target("gateway", f"http://127.0.0.1:{port}/mcp", "", token=token(data))
