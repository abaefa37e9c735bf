"""Newer descriptions, tried beside the catalog in use: one that breaks its service is refused, the old one stays."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from trunkline.catalog.catalog import read_head
from trunkline.catalog.lock import Lock
from trunkline.catalog.manifest import Manifest
from trunkline.compiler.report import Report

Build = Callable[[Path, Lock], Report]
_LEAST = 0.5  # of a service's tools: a description that loses more is taken to be broken, and a person looks at it


@dataclass(frozen=True)
class Trial:
    """What can be applied: `lock`, compiled beside the catalog in use. `refused` says what cannot, and why."""

    lock: Lock
    refused: tuple[str, ...]


def tried(now: Path, beside: Path, manifests: Mapping[str, Manifest], locks: tuple[Lock, Lock], build: Build) -> Trial:
    """Builds in `beside` with the second of `locks`; sources of services that it breaks stay as the first pins them."""
    pinned, lock = locks
    refused: dict[str, str] = {}
    while True:
        report = build(beside, lock)
        broken = {name: why for name, why in _broken(now, beside, report) if _moved(manifests[name], pinned, lock)}
        if not broken:
            return Trial(lock, tuple(refused.values()))
        refused |= broken
        stay = {source for name in broken for source in _moved(manifests[name], pinned, lock)}
        lock = Lock({**lock.pins, **{source: pinned.pins[source] for source in stay}})


def _broken(now: Path, beside: Path, report: Report) -> Iterable[tuple[str, str]]:
    """(service, sentence) of those that have lost most of their tools."""
    before, after = _tools(now), _tools(beside)
    for name, tools in before.items():
        left = after.get(name, 0)
        if left < tools * _LEAST:
            yield name, f"{name} stays as it is: its newer description has {left} of {tools} tools{_why(name, report)}"


def _tools(folder: Path) -> dict[str, int]:
    head = read_head(folder)
    return {service.id: service.tools for service in head.services} if head else {}


def _why(service: str, report: Report) -> str:
    said = next((problem for problem in report.problems if problem.startswith(f"{service}:")), "")
    return f" ({said.removeprefix(f'{service}:').strip()})" if said else ""


def _moved(manifest: Manifest, pinned: Lock, lock: Lock) -> list[str]:
    """The sources of a service that are pinned otherwise than before."""
    return [source for source in manifest.sources if source in pinned.pins and pinned.pins[source] != lock.pins[source]]
