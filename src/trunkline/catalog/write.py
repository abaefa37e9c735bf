"""Writes a compiled catalog: `catalog.msgpack`, one `<service>.rows` each, `<service>.more` where a schema is cut."""

import hashlib
from collections.abc import Iterable, Sequence
from pathlib import Path

import msgspec

from trunkline.catalog.catalog import Head
from trunkline.catalog.more import SUFFIX, More
from trunkline.catalog.more import pack as pack_more
from trunkline.catalog.rows import pack, write_atomically
from trunkline.contract import Service, ToolSpec

_FORMAT = "1"


def write_catalog(folder: Path, entries: Iterable[tuple[Service, Sequence[ToolSpec]]]) -> None:
    """Writes every service with its tools; whatever else the folder's catalog held is dropped."""
    folder.mkdir(parents=True, exist_ok=True)
    write_head(folder, [write_rows(folder, service, specs) for service, specs in entries])


def write_rows(folder: Path, service: Service, specs: Sequence[ToolSpec]) -> Service:
    """Writes one integration and returns its service with `tools` and `digest` filled in."""
    data = pack(specs)
    write_atomically(folder / f"{service.id}.rows", data)
    return msgspec.structs.replace(service, tools=len(specs), digest=hashlib.sha256(data).hexdigest())


def write_more(folder: Path, service: Service, more: More) -> None:
    """Writes what the input schemas leave out; no file if they leave out nothing."""
    path = folder / f"{service.id}{SUFFIX}"
    if more.tools:
        write_atomically(path, pack_more(more))
    else:
        path.unlink(missing_ok=True)


def write_head(folder: Path, services: Sequence[Service]) -> None:
    """Makes `services`, whose rows are written, the catalog; drops rows of others."""
    services = sorted(services, key=lambda service: service.id)
    version = hashlib.sha256(_FORMAT.encode() + msgspec.msgpack.encode(services)).hexdigest()[:16]
    write_atomically(folder / "catalog.msgpack", msgspec.msgpack.encode(Head(version, tuple(services))))
    kept = {service.id for service in services}
    for path in (*folder.glob("*.rows"), *folder.glob(f"*{SUFFIX}")):
        if path.stem not in kept:
            path.unlink()
