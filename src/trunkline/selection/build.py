"""Catalog rows to one index segment (see `layout`)."""

from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from trunkline.catalog.usage import Usage
from trunkline.contract import Service, ToolSpec
from trunkline.selection import segment
from trunkline.selection.layout import FILE
from trunkline.selection.merge import Held, merge
from trunkline.selection.piece import Indexer
from trunkline.selection.segment import Segment

_NOTHING_SAID: Final = Usage()


def build(folder: Path, services: Iterable[Service], specs: Iterable[ToolSpec], usage: Usage = _NOTHING_SAID) -> None:
    """Write the index of `specs` to `folder`, in one step. `usage` is how people ask for them.

    Every spec's service must be among `services`; names must be unique and begin with the service's id and `_`.
    """
    known = {service.id: service for service in services}
    by_service: dict[str, list[ToolSpec]] = defaultdict(list)
    for spec in specs:
        by_service[spec.service].append(spec)
    indexer = Indexer.load()
    pieces = [Held(each, "", Segment(indexer.piece(each, by_service[each.id], usage))) for each in known.values()]
    segment.write(folder / FILE, merge(pieces))
