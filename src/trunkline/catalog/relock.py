"""Pins sources anew: what they say now, at a version that is chosen."""

import hashlib
from collections import defaultdict
from collections.abc import Mapping

from trunkline.catalog.lock import Lock, Pin, SourceId
from trunkline.catalog.sources import Sources
from trunkline.contract import NotFound


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
