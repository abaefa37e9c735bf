"""The gateway over HTTP: one listener with a token, and a local one without where that is asked for."""

import gc
from collections.abc import Callable
from contextlib import AsyncExitStack, ExitStack

import uvloop

from trunkline.contract import Admitted
from trunkline.gateway.asgi import App
from trunkline.identity import OWNER, Authenticator
from trunkline.infra import log
from trunkline.infra.keyfile import master_key
from trunkline.infra.tasks import Tasks
from trunkline.programs import listeners
from trunkline.programs.admin_site import ToAdmin
from trunkline.programs.assembly import Assembly, assembled
from trunkline.programs.authorization import Authorization
from trunkline.programs.connect_site import ToConnect
from trunkline.programs.connections import links
from trunkline.programs.database import Database
from trunkline.programs.pages import Pages
from trunkline.programs.people import People
from trunkline.programs.settings import Settings
from trunkline.programs.site import Site

# Calls leave hardly any cycles behind, and a collection in the middle of them costs 6 % at the default of 700 objects.
_GC = (20_000, 50, 100)


def run(settings: Settings, ready: Callable[[], None]) -> None:
    """Runs until SIGTERM or SIGINT; `ready` is called once everything listens.

    Raises `NotFound` without a catalog, `InvalidSettings` (a port in use, say) and `AuditUnavailable`.
    """
    folder = settings.data.create()
    log.configure(folder.log, settings.logging.log_level)
    for provider in settings.sign_in:
        provider.secret.reveal()  # what is missing is said at the start, not when somebody signs in
    uvloop.run(_serve(settings, ready))


async def _serve(settings: Settings, ready: Callable[[], None]) -> None:
    listen = settings.listen
    with ExitStack() as stack:
        main = stack.enter_context(listeners.bind(listen.host, listen.port, "port"))
        local = listeners.bind("127.0.0.1", listen.open_port, "open_port") if listen.open_port else None
        to_connect = links(settings)
        async with assembled(settings, to_connect) as assembly, AsyncExitStack() as closing:
            database = Database(settings.database)
            closing.push_async_callback(database.close)
            people = People(settings, database)
            closing.push_async_callback(people.close)
            authorization = Authorization(settings.data, database, people)
            closing.push_async_callback(authorization.close)
            connect = ToConnect(assembly.connections, assembly.catalog.services, to_connect.sealed)
            admin = ToAdmin(assembly, database, settings)
            pages = Pages(settings, people, authorization, connect, admin)
            closing.push_async_callback(pages.close)
            authenticator = Authenticator(master_key(settings.data.key), [people, authorization])
            site = Site(assembly, pages, f"{listen.url}/mcp", sandbox=settings.calling.sandbox)
            apps: dict[listeners.Listener, App] = {main: assembly.gateway.front(authenticator.admit, site)}
            if local is not None:
                apps[local] = assembly.gateway.front(_owner, site)
            await _answer(apps, assembly, admin, ready)


async def _answer(
    apps: dict[listeners.Listener, App], assembly: Assembly, admin: ToAdmin, ready: Callable[[], None]
) -> None:
    tasks = Tasks()

    def listening() -> None:
        gc.freeze()  # what start made stays: no need to look through it again
        gc.set_threshold(*_GC)
        ready()
        tasks.start(assembly.warm(), "warm")

    def leave() -> None:
        assembly.gateway.leave()
        admin.news.leave()

    await listeners.serve(apps, listening, leave)
    await tasks.close()


async def _owner(_authorization: bytes, _host: bytes, _path: str) -> Admitted:
    """The open listener: whoever reaches this machine's loopback is its owner."""
    return Admitted(OWNER)
