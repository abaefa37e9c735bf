"""The site's routes and what stands behind them, put together when the first page is asked for."""

from typing import TYPE_CHECKING

from trunkline.gateway.asgi import Receive, Scope, Send
from trunkline.infra.once import Once
from trunkline.programs.admin_site import ToAdmin
from trunkline.programs.authorization import Authorization
from trunkline.programs.connect_site import ToConnect
from trunkline.programs.people import People
from trunkline.programs.settings import Settings

if TYPE_CHECKING:
    from trunkline.admin.site import Router


class Pages:
    """An ASGI app: every path beside the protocol and the status page."""

    def __init__(
        self, settings: Settings, people: People, authorization: Authorization, connect: ToConnect, admin: ToAdmin
    ) -> None:
        self._settings = settings
        self._people = people
        self._authorization = authorization
        self._connect = connect
        self._admin = admin
        self._once: Once[Router] = Once(self._open, "open pages")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        router = await self._once.get()
        await router(scope, receive, send)

    async def close(self) -> None:
        await self._once.close()

    async def _open(self) -> "Router":
        from trunkline.programs.routes import router  # noqa: PLC0415 - SQLAlchemy and Jinja, which no call needs

        identity = await self._people.identity()
        more = (await self._connect.routes(), await self._admin.routes(identity))
        return router(self._settings, identity, await self._authorization.server(), more)
