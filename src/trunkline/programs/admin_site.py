"""The admin API and the dashboard of a gateway, put together when the first page is asked for."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from trunkline.admin.news import News
from trunkline.programs.assembly import Assembly
from trunkline.programs.database import Database
from trunkline.programs.settings import Settings

if TYPE_CHECKING:
    from trunkline.programs.identity import Identity
    from trunkline.programs.routes import More


@dataclass(frozen=True, slots=True)
class ToAdmin:
    """What they need. `news` ends its streams when the process is asked to stop."""

    assembly: Assembly
    database: Database
    settings: Settings
    news: News = field(default_factory=News)

    async def routes(self, identity: "Identity") -> "More":
        """A function that makes the routes, once there are templates."""
        from trunkline.programs.admin import Admin, Here, Stored  # noqa: PLC0415 - SQLAlchemy and Jinja, which no call needs

        stored = Stored(self.database.where, await self.database.engine())
        return Admin(self.assembly, identity, stored, Here(self.settings, self.news)).routes
