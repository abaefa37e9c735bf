"""`python -m bench.tokens`: the same recorded tasks with every tool listed, and through the gateway's few tools.

The agent of both is a script, the gateway is real, and a sandbox answers for the services. Fails if a task cannot be
finished through the gateway, or costs more tokens than listing does from 50 tools up.
"""

import argparse
import asyncio
import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import msgspec
from rich.console import Console
from rich.table import Table

from bench.tokens import catalogs, tasks
from bench.tokens.agent import Outcome, direct, searching
from bench.tokens.gateway import gateway
from trunkline.programs.sandbox_process import SandboxProcess
from trunkline.selection import tokens
from trunkline.selection.index import Index

SIZES: Final = (10, 50, 100, 500, 5_000, 65_000)
_FROM: Final = 50  # tools from which on the gateway must cost less
_ROOT: Final = Path(__file__).parents[2]
out = Console(highlight=False, width=160)


class Measured(msgspec.Struct, frozen=True):
    """One size: what the menus cost, and each task both ways."""

    tools: int
    listing: int
    menu: int
    direct: tuple[Outcome, ...]
    searching: tuple[Outcome, ...]

    @property
    def failures(self) -> list[str]:
        ways = (("listed", self.direct), ("found", self.searching))
        return [f"{way}: {each.request}: {each.failure}" for way, all_ in ways for each in all_ if each.failure]

    def totals(self, what: str) -> tuple[int, int]:
        """Tokens of all tasks: with every tool listed, and through the gateway. `what`: context or billed."""
        listed, found = (sum(getattr(each, what) for each in all_) for all_ in (self.direct, self.searching))
        return listed, found


def main() -> int:
    parser = argparse.ArgumentParser("python -m bench.tokens", description=__doc__)
    parser.add_argument("--catalog", type=Path, default=_ROOT / ".cache" / "bench" / "catalog", metavar="DIR")
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES, help="how many tools")
    parser.add_argument("--json", action="store_true", help="each task's figures as JSON")
    options = parser.parse_args()
    found = asyncio.run(_measured(options.catalog, options.sizes))
    if options.json:
        sys.stdout.buffer.write(msgspec.json.format(msgspec.json.encode(found), indent=1) + b"\n")
    else:
        _show(found)
    return 0 if all(_good(each) for each in found) else 1


def _good(size: Measured) -> bool:
    cheaper = all(found < listed for listed, found in (size.totals("context"), size.totals("billed")))
    return not size.failures and (cheaper or size.tools < _FROM)


async def _measured(catalog: Path, sizes: Sequence[int]) -> list[Measured]:
    cache = Path(os.environ.get("TRUNKLINE_CACHE_DIR") or _ROOT / ".cache" / "downloads")
    mirror = os.environ.get("TRUNKLINE_SPEC_MIRROR")
    with tempfile.TemporaryDirectory() as name:
        sandbox = SandboxProcess(cache, Path(mirror) if mirror else None, Path(name))
        await sandbox.start()
        try:
            host, port = sandbox.address
            return [await _size(catalog, Path(name) / f"{size}", size, f"http://{host}:{port}") for size in sizes]
        finally:
            await sandbox.close()


async def _size(catalog: Path, data: Path, size: int, sandbox: str) -> Measured:
    recorded = tasks.load()
    listed = catalogs.write(catalog, data / "catalog", tasks.tools(recorded), size)
    listing = Index.open(data / "catalog").listing_tokens
    async with gateway(data, sandbox) as client:
        menu = await client.menu()
        return Measured(
            len(listed),
            listing,
            tokens.count(menu),
            tuple([await direct(task, client, listing, listed) for task in recorded]),
            tuple([await searching(task, client, menu) for task in recorded]),
        )


def _show(found: Sequence[Measured]) -> None:
    count = len(found[0].direct)
    for what, title in (
        ("context", "each token once (a prompt that is cached)"),
        ("billed", "all that is read and written, turn by turn"),
    ):
        columns = ("tools", "listing", "menu", "listed", "found", "less", "times")
        out.print(f"tokens of {count} tasks, {title}", style="bold")
        table = Table(*columns, box=None)
        for size in found:
            listed, ours = size.totals(what)
            figures = (f"{size.tools:,}", f"{size.listing:,}", f"{size.menu:,}", f"{listed:,}", f"{ours:,}")
            table.add_row(*figures, f"{100 * (1 - ours / listed):.2f}%", f"{listed / ours:.1f}")
        out.print(table)
        if len(found) > 1:
            out.print(_crossover(found, what))
        out.print()
    for size in found:
        for failure in size.failures:
            out.print(f"{size.tools:,} tools, {failure}", style="red", markup=False)


def _crossover(found: Sequence[Measured], what: str) -> str:
    """How many tools cost as much to list as to find: what listing costs grows with the listing, along a line."""
    small, large, *_ = sorted(found, key=lambda size: size.tools)
    (listed, ours), (more, _) = small.totals(what), large.totals(what)
    slope = (more - listed) / (large.listing - small.listing)
    even = small.listing + (ours - listed) / slope
    tools = even / (small.listing / small.tools)
    return f"even at a listing of {even:,.0f} tokens: {tools:.1f} tools of the mean size of these {small.tools}"


if __name__ == "__main__":
    sys.exit(main())
