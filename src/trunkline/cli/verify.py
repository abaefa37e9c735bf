"""`trunkline verify SERVICE`: does the connection work, and as whom."""

import asyncio

import typer

from trunkline.cli.connect import ServiceId, service_of
from trunkline.cli.console import err, out, print_json
from trunkline.cli.options import AsJson, Config, DataDir, settings_of
from trunkline.connections.verify import Verdict
from trunkline.identity import OWNER
from trunkline.programs.assembly import assembled
from trunkline.programs.settings import Settings
from trunkline.programs.verify import verified

_BAD = 77  # EX_NOPERM, as for a rejected credential


def register(app: typer.Typer) -> None:
    app.command("verify", help="Ask a service whether its connection works, and as whom.")(verify)


def verify(service: ServiceId, data_dir: DataDir = None, config: Config = None, json: AsJson = False) -> None:
    verdict = asyncio.run(_verdict(settings_of(data_dir=data_dir, config=config), service))
    if json:
        print_json(verdict)
    elif verdict.good:
        out.print(f"good: {service}" + (f", as {verdict.account}" if verdict.account else ""), markup=False)
    else:
        err.print(f"not good: {service}: {verdict.reason}", markup=False)
    if not verdict.good:
        raise typer.Exit(_BAD)


async def _verdict(settings: Settings, service: str) -> Verdict:
    async with assembled(settings) as assembly:
        return await verified(assembly, OWNER, service_of(assembly.catalog, service))
