"""The gateway's rooms, connected: what programs build once, whatever listens in front of it."""

from dataclasses import dataclass

from trunkline.catalog import Catalog
from trunkline.contract import Principal
from trunkline.economy.offered import Curated
from trunkline.economy.spent import Books
from trunkline.gateway import standard_streams
from trunkline.gateway.answer import Answers, Implementation
from trunkline.gateway.asgi import App
from trunkline.gateway.endpoint import Endpoint
from trunkline.gateway.flight import Audit, Records
from trunkline.gateway.guard import Guard
from trunkline.gateway.http import Authenticate, Front
from trunkline.gateway.inviting import Inviting, Links, no_links
from trunkline.gateway.lane import Lane
from trunkline.gateway.line import Line
from trunkline.gateway.listing import Listings
from trunkline.gateway.pipeline import Pipeline
from trunkline.gateway.reach import Credentials, Ports, Reach
from trunkline.gateway.sdk_lane import SdkLane
from trunkline.gateway.sessions import Sessions
from trunkline.gateway.settings import GatewaySettings
from trunkline.gateway.sweep import Sweep
from trunkline.gateway.timings import Timings
from trunkline.gateway.toolset import Caller, Meta, Toolsets
from trunkline.gateway.upstreams import Upstreams
from trunkline.gateway.work import Works
from trunkline.policy import Rules


@dataclass(frozen=True, slots=True)
class Parts:
    """What the gateway is built from."""

    catalog: Catalog
    meta: Meta
    upstreams: Upstreams
    credentials: Credentials
    ports: Ports
    audit: Audit
    curated: Curated
    books: Books
    links: Links = no_links


class Gateway:
    """`server` is who we say we are. Listeners are made with `front`, and share everything else."""

    def __init__(self, parts: Parts, settings: GatewaySettings, server: Implementation, instructions: str = "") -> None:
        self._settings = settings
        self._audit = parts.audit
        self._leaving = False
        self.timings = Timings()
        sweep = Sweep()
        self.toolsets = Toolsets(parts.meta, parts.upstreams, parts.catalog, parts.curated)
        rules = Rules(settings.read_only, frozenset(settings.denied))
        reach = Reach(parts.credentials, parts.ports, parts.upstreams, rules)
        answers = Answers(server, settings.list_seconds * 1000)
        inviting = Inviting(parts.links, reach.allow)
        listings = Listings(self.toolsets, settings.tools_per_page, answers)
        self.works = Works(parts.books, listings.tokens, parts.meta.listings)
        records = Records(parts.audit, self.timings, self.works)
        self.line = Line(
            Pipeline(self.toolsets, reach, inviting, records, sweep, settings.call_seconds),
            self.toolsets,
            listings,
            answers,
            parts.upstreams,
            instructions,
        )
        self.sdk = SdkLane(self.line)
        self.sessions = Sessions(sweep, settings.session_idle_seconds, self.sdk.ended)
        self.lane = Lane(self.line)
        self._endpoint = Endpoint(self.lane, self.sdk, self.sessions, sweep)

    def front(self, authenticate: Authenticate, site: App) -> Front:
        """A listener's ASGI app. `site` answers every path that is not the protocol's."""
        settings = self._settings
        guard = Guard(settings.public_hosts, settings.origins, settings.body_limit)
        return Front(guard, authenticate, self.toolsets, self._endpoint, site, self._is_ready)

    async def stdio(self, principal: Principal, toolset: str = "") -> None:
        """Serves one client over standard input and output until it closes them. Raises NotFound for the toolset."""
        offered = await self.toolsets.find(principal.organization, toolset)
        await standard_streams.serve(self.lane, self.line, Caller(principal, offered))

    def leave(self) -> None:
        """The process is asked to stop: ends the streams that only wait for news; calls go on to their end."""
        self._leaving = True
        self.sdk.hang_up()

    def _is_ready(self) -> bool:
        """Whether calls are welcome: none is made while it cannot be recorded."""
        return self._audit.writable and not self._leaving

    async def close(self) -> None:
        await self._endpoint.close()
        await self.sdk.close()
        await self.works.write()
