"""`trunkline config`: every setting, its value, where that came from, and how to set it."""

import typer
from rich.table import Table

from trunkline.cli.console import err, out, print_json
from trunkline.cli.options import AsJson, Config, DataDir, sources_of
from trunkline.infra import settings
from trunkline.infra.settings import Setting
from trunkline.programs.settings import KINDS, Settings, load


def register(app: typer.Typer) -> None:
    app.command("config", help="Show every setting, its value, its origin, and how to set it.")(config)


def config(data_dir: DataDir = None, config: Config = None, json: AsJson = False) -> None:
    given = sources_of(data_dir=data_dir, config=config)
    loaded = load(given)
    rows = [_shown(row, loaded) for row in settings.explain(KINDS, given)]
    if json:
        print_json({"file": str(given.file_path), "settings": rows, "upstreams": loaded.upstreams})
    else:
        _print(rows, given, loaded)


def _shown(row: Setting, loaded: Settings) -> Setting:
    """Folders whose default depends on another setting are shown as they come out."""
    effective = {"data_dir": loaded.data.root, "cache_dir": loaded.cache}
    if row.value or row.name not in effective:
        return row
    return Setting(
        row.name, str(effective[row.name]), row.origin, row.description, row.accepted, row.variable, row.flag
    )


def _print(rows: list[Setting], given: settings.Sources, loaded: Settings) -> None:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("setting", "value", "from", "what it is"):
        table.add_column(column, overflow="fold")
    for row in rows:
        style = "dim" if row.origin.kind == "default" else ""
        table.add_row(row.name, _text(row.value), str(row.origin), row.description, style=style)
    out.print(table)
    for upstream in loaded.upstreams:
        out.print(f"upstream {upstream.id}: {upstream.url}", markup=False)
    exists = "" if given.file_path.exists() else " (does not exist)"
    err.print(
        f"\nWeakest to strongest: default, {given.file_path}{exists}, TRUNKLINE_<NAME>, --<name> of `trunkline up`.",
        style="dim",
    )


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    return f"{value:g}" if isinstance(value, float) else str(value) or "-"
