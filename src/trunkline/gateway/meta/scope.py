"""What the meta-tools reach at one URL: everything, or a toolset."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import msgspec

from trunkline.catalog import Catalog
from trunkline.contract import Service
from trunkline.gateway.toolset import Members, Toolset
from trunkline.selection.index import Bitmap, Index


@dataclass(frozen=True, slots=True)
class Scope:
    """`services` count only the tools that are reached; `bits` are those tools, None for all."""

    toolset: Toolset
    services: Mapping[str, Service]
    bits: Bitmap | None


def scope_of(catalog: Catalog, index: Index, members: Members) -> Scope:
    """The reach of `members`; what the catalog does not hold is left out."""
    known = catalog.services
    if members is None:
        return Scope(Toolset(), known, None)
    whole = {id: known[id] for id in members if id in known}
    single = Counter(service.id for name in members if (service := catalog.service_of(name)) and name != service.id)
    parts = {id: msgspec.structs.replace(known[id], tools=count) for id, count in single.items() if id not in whole}
    return Scope(Toolset(members=members), whole | parts, index.allow(services=whole, names=members))
