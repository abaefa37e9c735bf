"""`trunkline catalog build` and `trunkline catalog stats`."""

from collections import Counter

import typer
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from trunkline.catalog import Catalog
from trunkline.catalog.manifests import Manifests
from trunkline.catalog.sources import Sources
from trunkline.cli.console import err, out, print_json
from trunkline.cli.options import AsJson, Config, DataDir, settings_of
from trunkline.compiler import Report, build
from trunkline.contract import CATEGORIES
from trunkline.programs.settings import Settings


def register(app: typer.Typer) -> None:
    group = typer.Typer(help="Compile and inspect the catalog of tools.", no_args_is_help=True)
    app.add_typer(group, name="catalog")
    group.command("build", help="Compile the API descriptions; what is up to date is kept.")(build_command)
    group.command("stats", help="What the compiled catalog holds.")(stats)


def build_command(data_dir: DataDir = None, config: Config = None, json: AsJson = False) -> None:
    report = build_catalog(settings_of(data_dir=data_dir, config=config))
    if json:
        print_json(report)
        return
    for problem in report.problems:
        err.print(f"left out: {problem}", style="yellow", markup=False)
    out.print(
        f"{report.services} services, {report.tools:,} tools; {report.compiled} compiled in {report.seconds:.1f} s"
    )


def stats(data_dir: DataDir = None, config: Config = None, json: AsJson = False) -> None:
    catalog = Catalog.open(settings_of(data_dir=data_dir, config=config).data.catalog)
    services = sorted(catalog.services.values(), key=lambda service: (service.category, service.id))
    if json:
        rows = [{"id": each.id, "category": each.category, "tools": each.tools} for each in services]
        print_json({"version": catalog.version, "services": rows})
        return
    tools = Counter[str]()
    for service in services:
        tools[service.category] += service.tools
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("category")
    table.add_column("tools", justify="right")
    table.add_column("services")
    for category in CATEGORIES:
        ids = ", ".join(service.id for service in services if service.category == category)
        table.add_row(category, f"{tools[category]:,}", ids)
    table.add_row("all", f"{tools.total():,}", str(len(services)), style="bold")
    out.print(table)


def build_catalog(settings: Settings) -> Report:
    """Builds what is not up to date, telling each step on the terminal."""
    settings.data.create()
    with _steps() as progress:
        task = progress.add_task("reading manifests", total=None)

        def step(sentence: str) -> None:
            progress.update(task, description=sentence)

        sources = Sources(settings.cache, settings.mirror, progress=step)
        return build(settings.data.catalog, sources, Manifests.load(), step)


def _steps() -> Progress:
    """A spinner, the step, and the time; nothing remains of it."""
    columns = (SpinnerColumn(), TextColumn("{task.description}", markup=False), TimeElapsedColumn())
    return Progress(*columns, console=err, transient=True)
