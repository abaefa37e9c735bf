"""What differs between two compiled catalogs, tool by tool."""

from collections.abc import Iterator
from pathlib import Path

import msgspec

from trunkline.catalog.catalog import read_head
from trunkline.catalog.rows import Rows


class Changes(msgspec.Struct, frozen=True):
    """Names of tools, sorted."""

    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.added or self.removed or self.changed)


def changes(before: Path, after: Path) -> Changes:
    """From the catalog in `before` to that in `after`; a folder without one counts as empty."""
    old, new = _services(before), _services(after)
    moved = [name for name in old.keys() | new.keys() if old.get(name) != new.get(name)]
    were = dict(digest for name in moved if name in old for digest in _digests(before, name))
    are = dict(digest for name in moved if name in new for digest in _digests(after, name))
    return Changes(
        added=tuple(sorted(are.keys() - were.keys())),
        removed=tuple(sorted(were.keys() - are.keys())),
        changed=tuple(sorted(name for name in are.keys() & were.keys() if are[name] != were[name])),
    )


def _services(folder: Path) -> dict[str, str]:
    """Digest by service id."""
    head = read_head(folder)
    return {service.id: service.digest for service in head.services} if head else {}


def _digests(folder: Path, service: str) -> Iterator[tuple[str, str]]:
    rows = Rows(folder / f"{service}.rows")
    for name in rows.names:
        spec = rows.read(name)
        if spec is not None:
            yield name, spec.digest
