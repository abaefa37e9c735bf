"""`trunkline apps …`: the OAuth apps that services are connected through, and who may connect what."""

import asyncio
import sys
import time
from getpass import getpass
from typing import Annotated

import typer
from rich.table import Table

from trunkline.catalog import Catalog
from trunkline.cli.connect import ServiceId, Variables, parsed, service_of
from trunkline.cli.console import err, out, print_json
from trunkline.cli.options import AsJson, Config, DataDir, settings_of
from trunkline.connections.apps import ServiceConfig, StoredApp, Who
from trunkline.connections.configure import Configure
from trunkline.connections.flow import CALLBACK
from trunkline.connections.provider import Provider
from trunkline.contract import Service
from trunkline.identity import OWNER
from trunkline.programs.connections import connecting
from trunkline.programs.settings import Settings

ProviderId = Annotated[str, typer.Argument(metavar="PROVIDER", help="Id of the OAuth provider: github, google …")]


def register(app: typer.Typer) -> None:
    group = typer.Typer(help="OAuth apps, and who may connect which service.", no_args_is_help=True)
    group.command("add", help="Store an OAuth app; its secret is typed unseen or read from standard input.")(add)
    group.command("list", help="List the OAuth apps; never a secret.")(listed)
    group.command("remove", help="Forget an OAuth app.")(remove)
    group.command("allow", help="Say who connects a service, and with which scopes.")(allow)
    app.add_typer(group, name="apps")


def add(
    provider: ProviderId,
    client_id: Annotated[str, typer.Option("--client-id", help="As the provider shows it.")],
    variables: Variables = None,
    data_dir: DataDir = None,
    config: Config = None,
) -> None:
    settings = settings_of(data_dir=data_dir, config=config)
    secret = getpass("Client secret: ") if sys.stdin.isatty() else sys.stdin.read()
    client = (client_id.strip(), secret.strip())
    found = asyncio.run(_add(settings, provider, client, parsed(variables or [])))
    out.print(f"stored: the OAuth app of {found.title}", markup=False)
    if found.grant == "authorization_code":
        err.print(f"Its redirect URL at the provider: {settings.listen.url}{CALLBACK}/{found.id}", markup=False)


def listed(data_dir: DataDir = None, config: Config = None, json: AsJson = False) -> None:
    rows = asyncio.run(_list(settings_of(data_dir=data_dir, config=config)))
    if json:
        print_json(rows)
    elif not rows:
        err.print("No OAuth app yet: `trunkline apps add PROVIDER --client-id …`.", style="dim")
    else:
        out.print(_table(rows))


def remove(provider: ProviderId, data_dir: DataDir = None, config: Config = None) -> None:
    asyncio.run(_remove(settings_of(data_dir=data_dir, config=config), provider))
    out.print(f"removed: the OAuth app of {provider}", markup=False)


def allow(
    service: ServiceId,
    who: Annotated[Who, typer.Option("--who", help="personal, shared, or either: one's own before the shared one.")],
    scopes: Annotated[
        list[str] | None, typer.Option("--scope", help="Ask for this instead of the usual; repeatable.")
    ] = None,
    data_dir: DataDir = None,
    config: Config = None,
) -> None:
    settings = settings_of(data_dir=data_dir, config=config)
    found = service_of(Catalog.open(settings.data.catalog), service)
    asyncio.run(_allow(settings, found, ServiceConfig(who, tuple(scopes or ()))))
    out.print(f"{found.connection}: {who}", markup=False)


async def _add(settings: Settings, provider: str, client: tuple[str, str], variables: dict[str, str]) -> Provider:
    async with connecting(settings, {}) as opened:
        return await Configure(opened.parts).save_app(OWNER, provider, client, variables)


async def _list(settings: Settings) -> tuple[StoredApp, ...]:
    async with connecting(settings, {}) as opened:
        return await opened.parts.apps.list(OWNER.organization)


async def _remove(settings: Settings, provider: str) -> None:
    async with connecting(settings, {}) as opened:
        await Configure(opened.parts).remove_app(OWNER, provider)


async def _allow(settings: Settings, service: Service, config: ServiceConfig) -> None:
    async with connecting(settings, {}) as opened:
        await Configure(opened.parts).allow(OWNER, service, config)


def _table(rows: tuple[StoredApp, ...]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("provider", "client id", "variables", "since"):
        table.add_column(column)
    for row in rows:
        variables = ", ".join(f"{name}={value}" for name, value in row.variables.items())
        since = time.strftime("%Y-%m-%d %H:%M", time.localtime(row.updated_at))
        table.add_row(row.provider, row.client_id, variables, since)
    return table
