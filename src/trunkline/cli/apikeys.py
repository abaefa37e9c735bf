"""`trunkline apikeys …`: keys for programs, as the owner of the local organization."""

import asyncio
from typing import TYPE_CHECKING, Annotated

import typer

from trunkline.cli.console import out, print_json
from trunkline.cli.options import AsJson, Config, DataDir, settings_of
from trunkline.cli.users import ME, found, table_of, when, within
from trunkline.contract import NotFound

if TYPE_CHECKING:
    from trunkline.programs.identity import Identity


def register(app: typer.Typer) -> None:
    group = typer.Typer(help="API keys for programs.", no_args_is_help=True)
    group.command("create", help="Print a new key; it is shown this once.")(create)
    group.command("list", help="List the keys; never a key itself.")(list_)
    group.command("revoke", help="Revoke a key: within two seconds it is refused.")(revoke)
    app.add_typer(group, name="apikeys")


def create(
    name: Annotated[str, typer.Argument(metavar="NAME", help="What will use it.")],
    toolset: Annotated[
        list[str] | None, typer.Option("--toolset", metavar="NAME", help="Only /mcp/t/NAME; repeatable.")
    ] = None,
    read_only: Annotated[bool, typer.Option("--read-only", help="Only calls that change nothing.")] = False,
    days: Annotated[int, typer.Option("--days", help="Until it expires; 0 is never.")] = 90,
    service: Annotated[str, typer.Option("--for", metavar="USER", help="A service account; by default yourself.")] = "",
    data_dir: DataDir = None,
    config: Config = None,
) -> None:
    from trunkline.identity.api_keys import Wanted  # noqa: PLC0415 - SQLAlchemy

    async def act(it: "Identity") -> str:
        user = await found(it, service) if service else ""
        return await it.keys.create(ME, Wanted(name, tuple(toolset or ()), read_only, days, user))

    out.print(asyncio.run(within(settings_of(data_dir=data_dir, config=config), act, "key.create", name)), markup=False)


def list_(data_dir: DataDir = None, config: Config = None, json: AsJson = False) -> None:
    rows = asyncio.run(within(settings_of(data_dir=data_dir, config=config), lambda it: it.keys.list(ME)))
    if json:
        print_json(rows)
        return
    table = table_of("key", "name", "of", "may", "expires", "last used")
    for row in rows:
        may = (", ".join(row.toolsets) or "all tools") + (", only reads" if row.read_only else "")
        table.add_row(f"{row.prefix}…", row.name, row.user_name, may, when(row.expires_at), when(row.used_at))
    out.print(table)


def revoke(
    key: Annotated[str, typer.Argument(metavar="KEY", help="Its first characters, or its name, as listed.")],
    data_dir: DataDir = None,
    config: Config = None,
) -> None:
    async def act(it: "Identity") -> None:
        rows = [one for one in await it.keys.list(ME) if key in (one.id, one.prefix, f"{one.prefix}…", one.name)]
        if len(rows) != 1:
            raise NotFound(f"{len(rows)} keys are called {key!r}.", "`trunkline apikeys list` shows them.")
        await it.keys.revoke(ME, rows[0].id)

    asyncio.run(within(settings_of(data_dir=data_dir, config=config), act, "key.revoke", key))
