"""`trunkline ledger`: what agents' tasks cost in tokens, beside what listing tools would have cost."""

import asyncio
import time
from typing import Annotated

import typer
from rich.table import Table

from trunkline.cli.console import err, out, print_json
from trunkline.cli.options import AsJson, Config, DataDir, settings_of


def register(app: typer.Typer) -> None:
    app.command("ledger", help="What tasks cost in tokens, beside listing every tool.")(ledger)


def ledger(
    days: Annotated[int, typer.Option("--days", min=1, max=366, help="How far back the sums go.")] = 30,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, max=500, help="How many of the latest tasks.")] = 10,
    data_dir: DataDir = None,
    config: Config = None,
    json: AsJson = False,
) -> None:
    from trunkline.programs.ledger import sheet  # noqa: PLC0415 - SQLAlchemy, for this command alone

    totals, latest = asyncio.run(sheet(settings_of(data_dir=data_dir, config=config), days, limit))
    if json:
        print_json([{"days": days, "totals": totals, "latest": latest}])
        return
    names = ("menu", "discovery", "schemas", "calls", "answers", "everything", "connected")
    table = Table("task", "turns", *names, box=None, pad_edge=False, header_style="bold")
    for task in latest:
        when = time.strftime("%Y-%m-%d %H:%M", time.localtime(task.ended_at))
        table.add_row(f"{when} {task.toolset or 'all tools'}", str(task.turns), *_figures(task, names))
    table.add_row(f"all {totals.tasks} of {days} days", str(totals.turns), *_figures(totals, names), style="bold")
    out.print(table)
    if totals.tasks:
        saved = 100 * (1 - totals.reaching / max(totals.everything, 1))
        err.print(f"Reaching the tools took {saved:.1f}% less than listing every tool (estimates).", style="dim")


def _figures(row: object, names: tuple[str, ...]) -> list[str]:
    return [f"{getattr(row, name):,}" for name in names]
