"""The admin API and the dashboard of a gateway, put together when the first page is asked for."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from trunkline.programs.assembly import Assembly
from trunkline.programs.database import Database

if TYPE_CHECKING:
    from trunkline.programs.identity import Identity
    from trunkline.programs.routes import More


@dataclass(frozen=True, slots=True)
class ToAdmin:
    """What they need. `path` is the file of `database`, `url` where browsers reach us."""

    assembly: Assembly
    database: Database
    path: Path
    url: str

    async def routes(self, identity: "Identity") -> "More":
        """A function that makes the routes, once there are templates."""
        from trunkline.programs.admin import Admin, Stored  # noqa: PLC0415 - SQLAlchemy and Jinja, which no call needs

        return Admin(self.assembly, identity, Stored(self.path, await self.database.engine()), self.url).routes
