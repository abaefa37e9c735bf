"""`trunkline connect`, `connections` and `disconnect`: the owner's credentials for services.

A secret is typed without echo or read from standard input, never taken from the command line, which others can see.
"""

import asyncio
import sys
import time
from collections.abc import Mapping, Sequence
from getpass import getpass
from typing import Annotated

import typer
from rich.table import Table

from trunkline.catalog import Catalog
from trunkline.cli.console import err, out, print_json
from trunkline.cli.options import AsJson, Config, DataDir, settings_of
from trunkline.connections.flow import Visitor, Wish
from trunkline.connections.store import Stored
from trunkline.contract import AuthScheme, InvalidArguments, NotFound, Service
from trunkline.identity import OWNER
from trunkline.programs.connections import connecting, links, stored_connections
from trunkline.programs.settings import Settings

_LINK = "link"
_OWNER = Visitor(OWNER, "owner")

ServiceId = Annotated[str, typer.Argument(metavar="SERVICE", help="Id of the service: github, slack …")]
Way = Annotated[
    str,
    typer.Option(
        "--with",
        metavar="KIND",
        help="bearer, basic, api_key, sigv4 …, where there is a choice; link: the page to connect at.",
    ),
]
Variables = Annotated[
    list[str] | None, typer.Option("--set", metavar="NAME=VALUE", help="A tenant variable (shop=acme); repeatable.")
]
Shared = Annotated[bool, typer.Option("--shared", help="For the whole organization.")]


def register(app: typer.Typer) -> None:
    app.command("connect", help="Store a key or token for a service, encrypted.")(connect)
    app.command("connections", help="List what is connected; never a secret.")(connections)
    app.command("disconnect", help="Forget the stored credential of a service.")(disconnect)


def connect(
    service: ServiceId,
    way: Way = "",
    variables: Variables = None,
    shared: Shared = False,
    data_dir: DataDir = None,
    config: Config = None,
) -> None:
    settings = settings_of(data_dir=data_dir, config=config)
    found = service_of(Catalog.open(settings.data.catalog), service)
    if way == _LINK or (not way and sys.stdin.isatty() and asyncio.run(_has_app(settings, found))):
        _lead(links(settings)(OWNER, found))
        return
    scheme = _scheme(found, way)
    wish = Wish(found, shared, parsed(variables or []))
    version = asyncio.run(_save(settings, wish, _read(found, scheme)))
    more = f" and every other service of {found.family}" if found.family else ""
    out.print(f"connected: {found.title}{more} ({scheme.kind}), version {version}", markup=False)


def _lead(link: str) -> None:
    """To the connect page of the running gateway."""
    err.print("Open this page, and sign in as the owner where it asks for that:", style="dim")
    out.print(link, markup=False)
    if sys.stdout.isatty():
        typer.launch(link)


def connections(data_dir: DataDir = None, config: Config = None, json: AsJson = False) -> None:
    rows = asyncio.run(_list(settings_of(data_dir=data_dir, config=config)))
    if json:
        print_json(rows)
    elif not rows:
        err.print("Nothing is connected yet: `trunkline connect SERVICE`.", style="dim")
    else:
        out.print(_table(rows))


def disconnect(service: ServiceId, shared: Shared = False, data_dir: DataDir = None, config: Config = None) -> None:
    asyncio.run(_delete(settings_of(data_dir=data_dir, config=config), service, shared))
    out.print(f"disconnected: {service}", markup=False)


def service_of(catalog: Catalog, name: str) -> Service:
    service = catalog.services.get(name)
    if service is None:
        near = ", ".join(sorted(known for known in catalog.services if name[:3].lower() in known)[:5])
        hint = f"Perhaps one of: {near}." if near else "`trunkline catalog stats` lists the services."
        raise NotFound(f"There is no service {name!r}.", hint)
    return service


def _scheme(service: Service, way: str) -> AuthScheme:
    """The scheme asked for, or the service's first. OAuth 2 is presented as a bearer token."""
    found = [scheme for scheme in service.auth if way in ("", scheme.kind)]
    if found:
        return found[0]
    if not service.auth:
        raise InvalidArguments(f"{service.title} needs no connection.", "Call its tools as they are.")
    kinds = ", ".join(dict.fromkeys(scheme.kind for scheme in service.auth))
    raise InvalidArguments(f"{service.title} does not take {way!r}.", f"It takes: {kinds}.")


def parsed(pairs: Sequence[str]) -> dict[str, str]:
    for pair in pairs:
        if "=" not in pair:
            raise InvalidArguments(f"--set {pair} is not NAME=VALUE.", "For example: --set shop=acme")
    return {name: value for name, _, value in (pair.partition("=") for pair in pairs)}


def _read(service: Service, scheme: AuthScheme) -> dict[str, str]:
    """One value a field: typed unseen at a terminal, else one line each from standard input."""
    if sys.stdin.isatty():
        return {field: getpass(f"{service.title} {field}: ") for field in scheme.fields}
    lines = sys.stdin.read().splitlines()
    if len(lines) != len(scheme.fields):
        wanted = ", ".join(scheme.fields)
        raise InvalidArguments(
            f"Standard input has {len(lines)} lines; {service.title} needs {len(scheme.fields)}.",
            f"One line each, in this order: {wanted}.",
        )
    return dict(zip(scheme.fields, lines, strict=True))


async def _has_app(settings: Settings, service: Service) -> bool:
    async with connecting(settings, {}) as opened:
        return await opened.flow.scheme(OWNER.organization, service) is not None


async def _save(settings: Settings, wish: Wish, values: Mapping[str, str]) -> int:
    """The version that the connection has now."""
    async with connecting(settings, {}) as opened:
        await opened.flow.with_key(_OWNER, wish, values)
        rows = await opened.parts.store.list(OWNER)
    return next(row.version for row in rows if (row.service, row.shared) == (wish.service.connection, wish.shared))


async def _list(settings: Settings) -> tuple[Stored, ...]:
    async with stored_connections(settings) as store:
        return await store.list(OWNER)


async def _delete(settings: Settings, service: str, shared: bool) -> bool:
    """Whether the provider took its tokens back."""
    async with connecting(settings, {}) as opened:
        for row in await opened.parts.store.list(OWNER):
            if row.service == service and row.shared == shared:
                return await opened.disconnect(_OWNER, row.id)
    raise NotFound(f"{service} is not connected.", "`trunkline connections` lists what is.")


def _table(rows: Sequence[Stored]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("service", "with", "for", "version", "since", "variables"):
        table.add_column(column)
    for row in rows:
        since = time.strftime("%Y-%m-%d %H:%M", time.localtime(row.updated_at))
        variables = ", ".join(f"{name}={value}" for name, value in row.variables.items())
        whom = "everybody" if row.shared else "you"
        table.add_row(row.service, row.kind, whom, str(row.version), since, variables)
    return table
