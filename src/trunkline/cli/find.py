"""`trunkline find "…"`: what find_tools would rank, with the parts of each score."""

import asyncio
from typing import Annotated

import typer
from rich.table import Table

from trunkline.cli.console import err, out, print_json
from trunkline.cli.options import AsJson, Config, DataDir, settings_of
from trunkline.infra.database import exists
from trunkline.programs.settings import Settings
from trunkline.selection.index import Index
from trunkline.selection.prior import Prior, learned


def register(app: typer.Typer) -> None:
    app.command("find", help="Rank tools for a request, with the parts of each score.")(find)


def find(
    request: Annotated[str, typer.Argument(help="What an agent would ask for.")],
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, max=50, help="How many tools.")] = 8,
    explain: Annotated[bool, typer.Option(help="Count what calls taught too, as the gateway does.")] = True,
    data_dir: DataDir = None,
    config: Config = None,
    json: AsJson = False,
) -> None:
    settings = settings_of(data_dir=data_dir, config=config)
    index = Index.open(settings.data.catalog)
    known = asyncio.run(_learned(settings)) if explain and settings.gateway.learning else Prior()
    found = learned(index, index.search(request, limit=limit), known, (), None)
    if json:
        print_json([*found.hits, *found.prerequisites])
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("score", justify="right")
    table.add_column("tokens", justify="right")
    table.add_column("tool", no_wrap=True)
    table.add_column("because of", style="dim", overflow="fold")
    for hit in found.hits:
        parts = sorted(hit.parts.items(), key=lambda part: -part[1])
        why = ", ".join(f"{name} {score:.2f}" for name, score in parts if score > 0)
        table.add_row(f"{hit.score:.2f}", str(hit.signature_tokens), hit.name, why)
    for hit in found.prerequisites:
        table.add_row("", str(hit.signature_tokens), hit.name, f"needed by {hit.prerequisite_of}")
    out.print(table)
    total = sum(hit.signature_tokens for hit in (*found.hits, *found.prerequisites))
    err.print(f"{total} tokens (o200k_base) for {len(found.hits)} signatures", style="dim")


async def _learned(settings: Settings) -> Prior:
    if not exists(settings.database):
        return Prior()
    from trunkline.programs.ledger import learned as kept  # noqa: PLC0415 - SQLAlchemy

    found = await kept(settings)
    return Prior(found.tools, found.pairs)
