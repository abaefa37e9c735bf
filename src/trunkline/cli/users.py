"""`trunkline users …`: members, invitations and events of the local organization, as its owner."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Annotated, Final, TypeVar

import typer
from rich.table import Table

from trunkline.cli.console import out, print_json
from trunkline.cli.options import AsJson, Config, DataDir, settings_of
from trunkline.contract import NotFound
from trunkline.identity import OWNER
from trunkline.identity.ports import SignedIn
from trunkline.infra import database
from trunkline.programs.people import opened
from trunkline.programs.settings import Settings

if TYPE_CHECKING:
    from trunkline.programs.identity import Identity

T = TypeVar("T")
ME: Final = SignedIn(OWNER.subject, OWNER.name, OWNER.organization, "owner", "", "")
User = Annotated[str, typer.Argument(metavar="USER", help="Id, name or address, as `trunkline users list` shows it.")]
RoleName = Annotated[str, typer.Option("--role", metavar="ROLE", help="viewer, member, admin, owner.")]


def register(app: typer.Typer) -> None:
    group = typer.Typer(help="Members, invitations and service accounts.", no_args_is_help=True)
    group.command("list", help="List the members.")(list_)
    group.command("invite", help="Print a link that makes one person a member.")(invite)
    group.command("service", help="Add a service account.")(service)
    group.command("role", help="Give a member another role.")(role)
    group.command("disable", help="Disable a member: neither sign-in nor calls.")(disable)
    group.command("enable", help="Enable a disabled member.")(enable)
    group.command("remove", help="Remove a member, their sessions and keys.")(remove)
    group.command("events", help="List what was done: sign-ins, keys, roles.")(events)
    app.add_typer(group, name="users")


def list_(data_dir: DataDir = None, config: Config = None, json: AsJson = False) -> None:
    rows = asyncio.run(within(settings_of(data_dir=data_dir, config=config), lambda it: it.members.list(ME)))
    if json:
        print_json(rows)
        return
    table = table_of("id", "name", "address", "role", "kind", "")
    for row in rows:
        table.add_row(row.user, row.name, row.email, row.role, row.kind, "disabled" if row.disabled else "")
    out.print(table)


def invite(
    role: RoleName = "member",
    email: Annotated[str, typer.Option("--email", help="Only for whoever has this verified address.")] = "",
    data_dir: DataDir = None,
    config: Config = None,
) -> None:
    settings = settings_of(data_dir=data_dir, config=config)
    secret = asyncio.run(within(settings, lambda it: it.invitations.create(ME, role, email), "invitation.create"))
    out.print(f"{settings.listen.url}/invite/{secret}", markup=False)


def service(
    name: Annotated[str, typer.Argument(metavar="NAME")],
    role: RoleName = "member",
    data_dir: DataDir = None,
    config: Config = None,
) -> None:
    settings = settings_of(data_dir=data_dir, config=config)
    user = asyncio.run(within(settings, lambda it: it.members.add_service(ME, name, role), "service.create", name))
    out.print(user, markup=False)


def role(
    user: User,
    role: Annotated[str, typer.Argument(metavar="ROLE")],
    data_dir: DataDir = None,
    config: Config = None,
) -> None:
    async def act(it: "Identity") -> None:
        await it.members.set_role(ME, await found(it, user), role)

    asyncio.run(within(settings_of(data_dir=data_dir, config=config), act, "member.role", user))


def disable(user: User, data_dir: DataDir = None, config: Config = None) -> None:
    asyncio.run(_set_disabled(settings_of(data_dir=data_dir, config=config), user, disabled=True))


def enable(user: User, data_dir: DataDir = None, config: Config = None) -> None:
    asyncio.run(_set_disabled(settings_of(data_dir=data_dir, config=config), user, disabled=False))


def remove(user: User, data_dir: DataDir = None, config: Config = None) -> None:
    async def act(it: "Identity") -> None:
        await it.members.remove(ME, await found(it, user))

    asyncio.run(within(settings_of(data_dir=data_dir, config=config), act, "member.remove", user))


def events(data_dir: DataDir = None, config: Config = None, json: AsJson = False) -> None:
    rows = asyncio.run(
        within(settings_of(data_dir=data_dir, config=config), lambda it: it.events.list(ME.organization))
    )
    if json:
        print_json(rows)
        return
    table = table_of("at", "who", "what", "on", "outcome")
    for row in rows:
        table.add_row(when(row.at), row.actor, row.act, row.target, row.outcome)
    out.print(table)


async def within(settings: Settings, work: "Callable[[Identity], Awaitable[T]]", act: str = "", target: str = "") -> T:
    """Does `work`; writes it down as `act` once it is done."""
    settings.data.create()
    database.prepare(settings.database)
    async with opened(settings) as identity:
        done = await work(identity)
        if act:
            await identity.events.record(ME.organization, ME.user, act, target, detail={"by": "command line"})
        return done


async def found(identity: "Identity", named: str) -> str:
    """The member's id. Raises NotFound where none, or more than one, has this id, name or address."""
    rows = [one for one in await identity.members.list(ME) if named in (one.user, one.name, one.email)]
    if len(rows) != 1:
        raise NotFound(f"{len(rows)} members are called {named!r}.", "`trunkline users list` shows their ids.")
    return rows[0].user


def table_of(*columns: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(column)
    return table


def when(seconds: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M", time.localtime(seconds)) if seconds else "never"


async def _set_disabled(settings: Settings, user: str, *, disabled: bool) -> None:
    async def act(it: "Identity") -> None:
        await it.members.set_disabled(ME, await found(it, user), disabled)

    await within(settings, act, "user.disable" if disabled else "user.enable", user)
