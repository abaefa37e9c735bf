"""The command itself."""

import asyncio
import time

import typer

from trunkline.catalog import Catalog
from trunkline.cli.console import err, out, print_json
from trunkline.cli.demo.client import connect
from trunkline.cli.demo.conversation import converse
from trunkline.cli.demo.report import Report, report
from trunkline.cli.demo.show import show
from trunkline.cli.demo.stage import stage
from trunkline.cli.options import AsJson, Config, DataDir, settings_of
from trunkline.contract import NotFound
from trunkline.programs.settings import Settings

_FAILED = 1


def register(app: typer.Typer) -> None:
    app.command("demo", help="Run the main job offline and show it: find, describe, call.")(demo)


def demo(data_dir: DataDir = None, config: Config = None, json: AsJson = False) -> None:
    settings = settings_of(data_dir=data_dir, config=config)
    _need_catalog(settings)
    made = asyncio.run(_run(settings))
    if json:
        print_json({"good": made.good, "report": made})
    else:
        show(made, out)
    if not made.good:
        raise typer.Exit(_FAILED)


def _need_catalog(settings: Settings) -> None:
    """Builds the catalog if there is none: a demo is what people try first."""
    try:
        Catalog.open(settings.data.catalog)
    except NotFound:
        err.print("No catalog yet; building it once.", style="dim")
        from trunkline.cli.catalog import build_catalog  # noqa: PLC0415 - brings in the compiler, needed once

        build_catalog(settings)


async def _run(settings: Settings) -> Report:
    begun = time.perf_counter()
    async with stage(settings) as set_up:
        async with connect(set_up.url, set_up.token) as agent:
            talk = await converse(agent)
        return await report(set_up, talk, time.perf_counter() - begun)
