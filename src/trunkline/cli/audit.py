"""`trunkline audit tail` and `trunkline audit verify`."""

import time
from typing import Annotated, Any

import typer
from rich.table import Table
from sqlalchemy import select

from trunkline.cli.console import err, out, print_json
from trunkline.cli.options import AsJson, Config, DataDir, settings_of
from trunkline.contract import NotFound
from trunkline.gateway.audit import chain
from trunkline.infra.database import exists
from trunkline.infra.engine import plain_engine
from trunkline.infra.location import Location
from trunkline.infra.tables import audit

_BROKEN = 1
_SHOWN = ("at", "kind", "call", "tool", "effect", "subject", "code", "status", "ms")
_LEFT_OUT = ("position", "arguments", "hash")


def register(app: typer.Typer) -> None:
    group = typer.Typer(help="Read and check the audit log.", no_args_is_help=True)
    app.add_typer(group, name="audit")
    group.command("tail", help="Show the newest rows.")(tail)
    group.command("verify", help="Check that no row was changed or removed. Exit code 1 if one was.")(verify)


def tail(
    lines: Annotated[int, typer.Option("--lines", "-n", min=1, help="How many.")] = 20,
    data_dir: DataDir = None,
    config: Config = None,
    json: AsJson = False,
) -> None:
    rows = newest(_database(data_dir, config), lines)
    if json:
        print_json(rows)
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in _SHOWN:
        table.add_column(name, justify="right" if name in ("status", "ms") else "left", no_wrap=name != "tool")
    for row in rows:
        table.add_row(*(_cell(name, row[name]) for name in _SHOWN))
    out.print(table)


def verify(data_dir: DataDir = None, config: Config = None, json: AsJson = False) -> None:
    verdict = chain.verify(_database(data_dir, config))
    if json:
        print_json({"intact": verdict.intact, "verdict": verdict})
    else:
        _print(verdict)
    if not verdict.intact:
        raise typer.Exit(_BROKEN)


def newest(where: Location, count: int) -> list[dict[str, Any]]:
    """The newest `count` rows, oldest of them first."""
    columns = [column for column in audit.c if column.name not in _LEFT_OUT]
    engine = plain_engine(where)
    try:
        with engine.connect() as connection:
            rows = connection.execute(select(*columns).order_by(audit.c.seq.desc()).limit(count)).mappings().all()
        return [dict(row) for row in reversed(rows)]
    finally:
        engine.dispose()


def _print(verdict: chain.Verdict) -> None:
    for broken in verdict.breaks:
        err.print(f"row {broken.seq} (chain {broken.chain}, position {broken.position}): {broken.reason}", style="red")
    open_ = f", {len(verdict.unclosed)} not closed (running, killed, or cut)" if verdict.unclosed else ""
    word = "intact" if verdict.intact else f"BROKEN at {len(verdict.breaks)} rows"
    out.print(f"{word}: {verdict.rows} rows in {verdict.chains} chains{open_}")


def _database(data_dir: str | None, config: str | None) -> Location:
    where = settings_of(data_dir=data_dir, config=config).database
    if not exists(where):
        raise NotFound(f"There is no database {where}.", "It is made by the first `trunkline up`.")
    return where


def _cell(name: str, value: Any) -> str:
    if name == "at":
        return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(value))
    if name == "ms":
        return f"{value:.1f}" if value else ""
    return str(value or "")
