"""`trunkline audit tail` and `trunkline audit verify`."""

import time
from contextlib import closing
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from trunkline.cli.console import err, out, print_json
from trunkline.cli.options import AsJson, Config, DataDir, settings_of
from trunkline.contract import NotFound
from trunkline.gateway.audit import chain
from trunkline.infra.database import connect

_BROKEN = 1
_SHOWN = ("at", "kind", "call", "tool", "effect", "subject", "code", "status", "ms")


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


def newest(path: Path, count: int) -> list[dict[str, Any]]:
    """The newest `count` rows, oldest of them first."""
    with closing(connect(path)) as connection:
        cursor = connection.execute(
            "SELECT seq, chain, at, kind, call, tool, service, effect, subject, organization, connection, code, status,"
            " ms FROM audit ORDER BY seq DESC LIMIT ?",
            (count,),
        )
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in reversed(cursor.fetchall())]


def _print(verdict: chain.Verdict) -> None:
    for broken in verdict.breaks:
        err.print(f"row {broken.seq} (chain {broken.chain}, position {broken.position}): {broken.reason}", style="red")
    open_ = f", {len(verdict.unclosed)} not closed (running, killed, or cut)" if verdict.unclosed else ""
    word = "intact" if verdict.intact else f"BROKEN at {len(verdict.breaks)} rows"
    out.print(f"{word}: {verdict.rows} rows in {verdict.chains} chains{open_}")


def _database(data_dir: str | None, config: str | None) -> Path:
    path = settings_of(data_dir=data_dir, config=config).data.database
    if not path.exists():
        raise NotFound(f"There is no database {path}.", "It is made by the first `trunkline up`.")
    return path


def _cell(name: str, value: Any) -> str:
    if name == "at":
        return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(value))
    if name == "ms":
        return f"{value:.1f}" if value else ""
    return str(value or "")
