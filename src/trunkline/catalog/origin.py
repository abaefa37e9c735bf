"""Where a service's tools come from: its description, which version of it, and how good the integration is."""

from pathlib import Path

import msgspec

from trunkline.catalog.family import MODULES
from trunkline.catalog.lock import Lock
from trunkline.catalog.manifest import OWN, PYTHON, Manifest, read_manifest
from trunkline.catalog.tier import Tier, tier_of
from trunkline.contract import Service


class Source(msgspec.Struct, frozen=True):
    """One description. `version` is that of its package or the commit; empty for one that is ours."""

    id: str
    version: str
    sha256: str


class Origin(msgspec.Struct, frozen=True):
    """`kind` is openapi, discovery, aws, graphql or python."""

    kind: str
    tier: Tier
    sources: tuple[Source, ...]


def origin_of(service: Service, folder: Path = MODULES) -> Origin | None:
    """Reads the service's manifest and the lock; None where there is no manifest (any more).

    Raises InvalidManifest.
    """
    home = folder / service.category
    path = next(
        (each for each in (home / f"{service.id}.yaml", home / service.id / "manifest.yaml") if each.is_file()), None
    )
    if path is None:
        return None
    manifest = read_manifest(path, path.read_bytes(), service.category)
    return Origin(manifest.kind, tier_of(manifest, service), _sources(manifest, Lock.load(folder / "sources.lock")))


def _sources(manifest: Manifest, lock: Lock) -> tuple[Source, ...]:
    return tuple(
        Source(source, "", "")
        if source.startswith((OWN, PYTHON))
        else Source(source, lock.pin(source).version, lock.pin(source).sha256)
        for source in manifest.sources
    )
