"""`trunkline catalog build`, `update`, `diff`, `check` and `stats`."""

import shutil
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from trunkline.catalog import kept
from trunkline.catalog.changes import Changes, changes
from trunkline.catalog.lock import Lock
from trunkline.catalog.manifest import OWN, PYTHON
from trunkline.catalog.manifests import Manifests
from trunkline.catalog.relock import refresh
from trunkline.catalog.sources import Sources
from trunkline.catalog.stats import Details, Summary, summary
from trunkline.catalog.stats import details as read_details
from trunkline.cli.console import err, out, print_json
from trunkline.cli.options import AsJson, Config, DataDir, settings_of
from trunkline.compiler.build import build
from trunkline.compiler.report import Report, Step
from trunkline.compiler.update import tried
from trunkline.programs.settings import Settings

_SHOWN = 20  # names of a kind; --json has all
Other = Annotated[Path, typer.Argument(help="A folder with a compiled catalog, to compare with the one in use.")]
WithDetails = Annotated[bool, typer.Option("--details", help="Read every tool: effects, paging, sizes, tokens.")]
Yes = Annotated[bool, typer.Option("--yes", help="Apply without asking.")]


def register(app: typer.Typer) -> None:
    group = typer.Typer(help="Compile and inspect the catalog of tools.", no_args_is_help=True)
    app.add_typer(group, name="catalog")
    group.command("build", help="Compile the API descriptions; what is up to date is kept.")(build_command)
    group.command("update", help="Look for newer API descriptions; show what they change, then apply.")(update)
    group.command("diff", help="Tools added, removed and changed in another compiled catalog.")(diff)
    group.command("check", help="Whether every manifest is good and every source pinned; builds nothing.")(check)
    group.command("stats", help="What the compiled catalog holds.")(stats)


def build_command(data_dir: DataDir = None, config: Config = None, json: AsJson = False) -> None:
    report = build_catalog(settings_of(data_dir=data_dir, config=config))
    if json:
        print_json(report)
        return
    _complain("left out", report.problems)
    out.print(
        f"{report.services} services, {report.tools:,} tools; {report.compiled} compiled in {report.seconds:.1f} s"
    )


def update(data_dir: DataDir = None, config: Config = None, yes: Yes = False) -> None:
    settings = settings_of(data_dir=data_dir, config=config)
    lock = Lock.load()
    fresh, problems = refresh(
        lock, Sources(settings.cache, settings.mirror, lock=lock), repositories=not settings.mirror
    )
    _complain("as it was", problems)
    moved = [source for source, pin in fresh.pins.items() if lock.pins.get(source) != pin]
    if not moved:
        out.print("Every source is at its newest version.")
        return
    out.print(f"{len(moved)} descriptions have a newer version.")
    now = settings.data.catalog
    build_catalog(settings, now, lock)
    with TemporaryDirectory(prefix="catalog.update.", dir=now.parent) as beside:
        shutil.copytree(now, beside, dirs_exist_ok=True)
        trial = tried(now, Path(beside), _manifests(settings).by_id, (lock, fresh), partial(build_catalog, settings))
        _complain("refused", trial.refused)
        if trial.lock == lock:
            out.print("There is nothing to apply.")
            return
        _show(changes(now, Path(beside)))
    if yes or typer.confirm("Apply?"):
        trial.lock.save()
        build_catalog(settings, now, trial.lock)


def diff(other: Other, data_dir: DataDir = None, config: Config = None, json: AsJson = False) -> None:
    found = changes(settings_of(data_dir=data_dir, config=config).data.catalog, other)
    if json:
        print_json(found)
    else:
        _show(found)


def check() -> None:
    manifests, lock = Manifests.load(), Lock.load()
    problems = [problem.message for problem in manifests.problems]
    for manifest in manifests.by_id.values():
        missing = [each for each in manifest.sources if not each.startswith((OWN, PYTHON)) and each not in lock.pins]
        problems += [f"{manifest.id}: {each} is not pinned" for each in missing]
    _complain("wrong", problems)
    if problems:
        raise typer.Exit(1)
    out.print(f"{len(manifests.by_id)} manifests and {len(lock.pins)} pinned sources are good")


def stats(data_dir: DataDir = None, config: Config = None, details: WithDetails = False, json: AsJson = False) -> None:
    folder = settings_of(data_dir=data_dir, config=config).data.catalog
    found = read_details(folder) if details else summary(folder)
    if json:
        print_json(found)
    else:
        out.print(_table(found) if isinstance(found, Summary) else _details(found))


def build_catalog(settings: Settings, folder: Path | None = None, lock: Lock | None = None) -> Report:
    """Builds what is not up to date in `folder` (default: the catalog in use), telling each step on the terminal."""
    settings.data.create()
    with _steps() as progress:
        task = progress.add_task("reading manifests", total=None)

        def step(at: Step) -> None:
            progress.update(task, description=at.text, completed=at.done, total=at.total or None)

        sources = Sources(settings.cache, settings.mirror, lock=lock, progress=lambda text: step(Step(text)))
        return build(folder or settings.data.catalog, sources, _manifests(settings), step)


def _manifests(settings: Settings) -> Manifests:
    return Manifests.load(kept=settings.data.catalog / kept.FILE)


def _steps() -> Progress:
    """A spinner, a bar, the step, and the time; nothing remains of it."""
    text = TextColumn("{task.description}", markup=False)
    columns = (SpinnerColumn(), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), text)
    return Progress(*columns, console=err, transient=True)


def _complain(what: str, problems: tuple[str, ...] | list[str]) -> None:
    for problem in problems:
        err.print(f"{what}: {problem}", style="yellow", markup=False)


def _show(found: Changes) -> None:
    for what, names in (("added", found.added), ("removed", found.removed), ("changed", found.changed)):
        more = f", and {len(names) - _SHOWN:,} more" if len(names) > _SHOWN else ""
        out.print(f"{what}: {len(names):,} tools {', '.join(names[:_SHOWN])}{more}", markup=False)


def _table(figures: Summary) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("category", "integrations", "tools"):
        table.add_column(column, justify="left" if column == "category" else "right")
    for category, counted in figures.categories.items():
        table.add_row(category, f"{counted.integrations:,}", f"{counted.tools:,}")
    table.add_row("all", f"{figures.integrations:,}", f"{figures.tools:,}", style="bold")
    table.caption = f"{figures.vendors:,} vendors"
    return table


def _details(found: Details) -> Table:
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column()
    table.add_column(justify="right")
    for effect, count in sorted(found.effects.items()):
        table.add_row(f"tools that {effect}", f"{count:,}")
    for strategy, count in sorted(found.paging.items()):
        table.add_row(f"paged by {strategy}", f"{count:,}")
    table.add_row("input schema, median", f"{found.schema_median:,} bytes")
    table.add_row("input schema, largest", f"{found.schema_max:,} bytes")
    table.add_row("signature, median", f"{found.signature_tokens_median:,} tokens")
    table.add_row("listing every tool", f"{found.listing_tokens:,} tokens")
    return table
