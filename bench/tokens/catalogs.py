"""Catalogs of a number of tools, each inside the next: the tasks' tools, the rest of their services, other services."""

import hashlib
import os
from collections.abc import Iterator, Sequence
from itertools import zip_longest
from pathlib import Path

from bench.selection import corpus
from trunkline.catalog.more import SUFFIX
from trunkline.catalog.rows import Rows
from trunkline.catalog.usage import Usage
from trunkline.catalog.write import write_head, write_rows
from trunkline.contract import Service, ToolSpec
from trunkline.selection.build import build


def write(whole: Path, folder: Path, needed: Sequence[str], size: int) -> frozenset[str]:
    """Writes a catalog of `size` tools of the catalog in `whole` with all that are `needed`; answers their names.

    Raises KeyError if the whole catalog lacks one.
    """
    folder.mkdir(parents=True)
    services = {service.id: service for service in corpus.head(whole).services}
    chosen = _chosen(whole, services, needed, size)
    written = [_written(whole, folder, services[id_], names) for id_, names in chosen.items()]
    write_head(folder, written)
    build(folder, written, corpus.specs(folder, written), Usage.load())
    return frozenset(name for names in chosen.values() for name in names)


def _chosen(whole: Path, services: dict[str, Service], needed: Sequence[str], size: int) -> dict[str, list[str]]:
    """Names of tools by service."""
    chosen: dict[str, list[str]] = {}
    for name in dict.fromkeys((*needed, *_others(whole, services, needed))):
        if size == 0:
            break
        chosen.setdefault(name.partition("_")[0], []).append(name)
        size -= 1
    return chosen


def _others(whole: Path, services: dict[str, Service], needed: Sequence[str]) -> Iterator[str]:
    """First of the needed tools' services in turn, then service by service, in an order that new ones hardly change."""
    used = list(dict.fromkeys(name.partition("_")[0] for name in needed))
    for row in zip_longest(*(_names(whole, id_) for id_ in used)):
        yield from (name for name in row if name is not None)
    for id_ in sorted(services.keys() - set(used), key=_digest):
        yield from _names(whole, id_)


def _names(whole: Path, service: str) -> list[str]:
    return sorted(Rows(whole / f"{service}.rows").names, key=_digest)


def _written(whole: Path, folder: Path, service: Service, names: Sequence[str]) -> Service:
    """The service with these of its tools only; its rows as they are where that is all of them."""
    if (whole / f"{service.id}{SUFFIX}").exists():
        os.symlink(whole / f"{service.id}{SUFFIX}", folder / f"{service.id}{SUFFIX}")
    rows = Rows(whole / f"{service.id}.rows")
    if len(names) == len(rows.names):
        os.symlink(whole / f"{service.id}.rows", folder / f"{service.id}.rows")
        return service
    return write_rows(folder, service, [_row(rows, name) for name in names])


def _row(rows: Rows, name: str) -> ToolSpec:
    spec = rows.read(name)
    if spec is None:
        raise KeyError(name)
    return spec


def _digest(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()
