"""What a compiled catalog holds, in figures."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from statistics import median

import msgspec

from trunkline.catalog.catalog import Head, read_head
from trunkline.catalog.rows import Rows
from trunkline.contract import CATEGORIES, NotFound, ToolSpec


class Counted(msgspec.Struct, frozen=True):
    """Of one category."""

    integrations: int = 0
    tools: int = 0


class Summary(msgspec.Struct, frozen=True):
    """How much there is. Integrations of one vendor count as one vendor."""

    version: str
    integrations: int
    vendors: int
    tools: int
    categories: dict[str, Counted]


def summary(folder: Path) -> Summary:
    """Reads no row. Raises NotFound if nothing is built in `folder`."""
    head = _head(folder)
    categories: dict[str, Counted] = {category: Counted() for category in CATEGORIES}
    for service in head.services:
        so_far = categories[service.category]
        categories[service.category] = Counted(so_far.integrations + 1, so_far.tools + service.tools)
    return Summary(
        version=head.version,
        integrations=len(head.services),
        vendors=len({service.vendor for service in head.services}),
        tools=sum(service.tools for service in head.services),
        categories=categories,
    )


def _head(folder: Path) -> Head:
    head = read_head(folder)
    if head is None:
        raise NotFound(f"there is no compiled catalog in {folder}", "Run `trunkline catalog build`.")
    return head


class Details(msgspec.Struct, frozen=True):
    """What is known of the tools only by reading each. Sizes in bytes, tokens of o200k_base."""

    effects: dict[str, int]
    paging: dict[str, int]  # tools that go on page by page, by strategy
    schema_median: int
    schema_max: int
    listing_tokens: int  # what listing every tool would cost
    signature_tokens_median: int


def details(folder: Path) -> Details:
    """Reads every row (about 10 us a tool). Raises NotFound if nothing is built in `folder`."""
    effects: Counter[str] = Counter()
    paging: Counter[str] = Counter()
    schemas: list[int] = []
    signatures: list[int] = []
    listing = 0
    for spec in _specs(folder):
        effects[spec.effect.value] += 1
        if spec.paging is not None:
            paging[spec.paging.strategy.value] += 1
        schemas.append(len(spec.input_schema))
        signatures.append(spec.signature_tokens)
        listing += spec.listing_tokens
    return Details(
        effects=dict(effects),
        paging=dict(paging),
        schema_median=round(median(schemas)) if schemas else 0,
        schema_max=max(schemas, default=0),
        listing_tokens=listing,
        signature_tokens_median=round(median(signatures)) if signatures else 0,
    )


def _specs(folder: Path) -> Iterator[ToolSpec]:
    for service in _head(folder).services:
        rows = Rows(folder / f"{service.id}.rows")
        yield from filter(None, map(rows.read, rows.names))
