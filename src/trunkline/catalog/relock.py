"""Pins sources anew: what they say now, at a version that is chosen or the newest."""

import hashlib
from collections import defaultdict
from collections.abc import Mapping

from trunkline.catalog.lock import Lock, Pin, SourceId
from trunkline.catalog.newest import newest
from trunkline.catalog.sources import Sources
from trunkline.contract import Fault, NotFound


def relock(lock: Lock, sources: Sources, versions: Mapping[str, str]) -> Lock:
    """`lock` with each source of `versions` pinned at its version, as it is published.

    Raises what `Sources.published` raises, and NotFound for a source that its version does not have.
    """
    packages: defaultdict[tuple[str, str, str], set[str]] = defaultdict(set)
    for source, version in versions.items():
        parsed = SourceId.parse(source)
        packages[parsed.kind, parsed.origin, version].add(parsed.path)
    pins = dict(lock.pins)
    for (kind, origin, version), paths in packages.items():
        found = dict(sources.published(kind, origin, version, paths))
        pins |= {str(source): Pin(version, hashlib.sha256(text).hexdigest()) for source, text in found.items()}
        missing = paths - {source.path for source in found}
        if missing:
            raise NotFound(f"{origin} {version} has no {', '.join(sorted(missing))}", "Check the source ids.")
    return Lock(pins)


def refresh(lock: Lock, sources: Sources, *, repositories: bool) -> tuple[Lock, tuple[str, ...]]:
    """`lock` with every package, and with `repositories` every repository, at its newest version.

    The sentences say what had to stay as it is pinned, and why.
    """
    origins: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    for source in lock.pins:
        parsed = SourceId.parse(source)
        if repositories or parsed.kind != "github":
            origins[parsed.kind, parsed.origin].add(source)
    problems: list[str] = []
    for (kind, origin), pinned in sorted(origins.items()):
        try:
            version = newest(kind, origin)
            stale = {source: version for source in pinned if lock.pins[source].version != version}
            lock = relock(lock, sources, stale) if stale else lock
        except Fault as fault:
            problems.append(f"{kind}:{origin} stays as it is: {fault.message}")
    return lock, tuple(problems)
