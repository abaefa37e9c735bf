"""The whole way: two people, one service, one tool, each with a credential of their own; connecting in the middle of a
call, with the official client of both eras opening the page; and whether a connection is good.
"""

import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit

import mcp_types as types
from aiohttp import web
from mcp import Client
from mcp.client.session import ClientRequestContext, ElicitationFnT

from tests.category.house import service
from tests.compiler.describe import compiled, document
from tests.gateway.conftest import serving, site
from tests.programs.whole import ERAS, Era
from trunkline.catalog import Catalog
from trunkline.catalog.write import write_catalog
from trunkline.connections.flow import Visitor, Wish
from trunkline.contract import Admitted, Principal
from trunkline.gateway.http import Authenticate
from trunkline.infra import settings
from trunkline.programs.assembly import Assembly, assembled
from trunkline.programs.connections import LazyConnections, links
from trunkline.programs.settings import Settings, load
from trunkline.programs.verify import verified
from trunkline.selection import build as index

ANN, BOB = Principal("ann", "acme"), Principal("bob", "acme")
TOOL = "acme_get_self"
HOLDERS = {"Bearer ann-s-token": "Ann", "Bearer bob-s-token": "Bob"}
GOOD = {"description": "ok", "content": {"application/json": {"schema": {"type": "object"}}}}
DESCRIPTION = document(
    {
        "/me": {
            "get": {
                "operationId": "getSelf",
                "responses": {"200": GOOD},
            }
        }
    },
    components={"securitySchemes": {"token": {"type": "http", "scheme": "bearer"}}},
    security=[{"token": list[str]()}],
)


async def whoever(request: web.BaseRequest) -> web.StreamResponse:
    """The service: says whose credential a request carries. An unknown one is refused."""
    holder = HOLDERS.get(request.headers.get("Authorization", ""))
    return web.json_response({"login": holder} if holder else {"message": "no"}, status=200 if holder else 401)


def admitted(principal: Principal) -> Authenticate:
    async def admit(_authorization: bytes, _host: bytes, _path: str) -> Admitted:
        return Admitted(principal)

    return admit


class House:
    """A running gateway in front of the service, its settings, and a URL for each person."""

    def __init__(self, assembly: Assembly, given: Settings, urls: dict[str, str]) -> None:
        self.assembly = assembly
        self.settings = given
        self.urls = urls

    def client(self, principal: Principal, era: Era, opens: ElicitationFnT | None = None) -> Client:
        """The official client; with `opens`, one that opens URLs for its user."""
        return Client(self.urls[principal.subject] + "/mcp", mode=era, elicitation_callback=opens)

    async def connect(self, principal: Principal, token: str) -> None:
        connections = self.assembly.connections
        assert isinstance(connections, LazyConnections)
        flow = (await connections.opened()).flow
        wish = Wish(self.assembly.catalog.services["acme"])
        await flow.with_key(Visitor(principal, "member"), wish, {"token": token})

    async def opened(self, principal: Principal, url: str) -> None:
        """What happens when this person opens the link: it must be theirs."""
        parts = urlsplit(url)
        assert f"{parts.scheme}://{parts.netloc}{parts.path}" == f"{self.settings.listen.url}/connect/acme"
        assert links(self.settings).sealed.is_for(parts.query.removeprefix("for="), principal, "acme")
        await self.connect(principal, f"{principal.subject}-s-token")


@asynccontextmanager
async def house(folder: Path) -> AsyncGenerator[House]:
    catalog = folder / "catalog"
    catalog.mkdir()
    made = compiled(DESCRIPTION, verify={"get": "/me"})
    assert made.problems == ()
    write_catalog(catalog, [(made.service, made.specs)])
    index.build(catalog, Catalog.open(catalog).services.values(), made.specs)
    async with service(whoever) as port:
        flags = {"data_dir": str(folder), "sandbox": True, "sandbox_url": f"http://127.0.0.1:{port}"}
        flags |= {"sandbox_connect": True, "topology": "monolith"}
        given = load(settings.Sources({}, folder / "none", {}, flags))
        async with (
            assembled(given, links(given)) as assembly,
            serving(assembly.gateway.front(admitted(ANN), site)) as ann_s,
            serving(assembly.gateway.front(admitted(BOB), site)) as bob_s,
        ):
            yield House(assembly, given, {"ann": ann_s, "bob": bob_s})


async def text_of(asking: Client) -> tuple[str, bool]:
    result = await asking.call_tool(TOOL, {})
    (block,) = result.content
    assert isinstance(block, types.TextContent)
    return block.text, bool(result.is_error)


@ERAS
async def test_two_people_call_the_same_tool_each_with_a_credential_of_their_own(tmp_path: Path, era: Era) -> None:
    async with house(tmp_path) as running:
        await running.connect(ANN, "ann-s-token")
        await running.connect(BOB, "bob-s-token")
        async with running.client(ANN, era) as ann, running.client(BOB, era) as bob:
            for _ in range(2):
                assert json.loads((await text_of(ann))[0]) == {"login": "Ann"}
                assert json.loads((await text_of(bob))[0]) == {"login": "Bob"}


@ERAS
async def test_a_call_goes_on_once_its_user_has_connected(tmp_path: Path, era: Era) -> None:
    async with house(tmp_path) as running:
        seen: list[types.ElicitRequestParams] = []

        async def opens(context: ClientRequestContext, params: types.ElicitRequestParams) -> types.ElicitResult:
            seen.append(params)
            assert isinstance(params, types.ElicitRequestURLParams)
            await running.opened(ANN, params.url)
            return types.ElicitResult(action="accept")

        async with running.client(ANN, era, opens) as ann:
            assert json.loads((await text_of(ann))[0]) == {"login": "Ann"}
            assert json.loads((await text_of(ann))[0]) == {"login": "Ann"}
        assert len(seen) == 1


@ERAS
async def test_a_client_that_opens_nothing_is_told_the_link(tmp_path: Path, era: Era) -> None:
    async with house(tmp_path) as running, running.client(ANN, era) as ann:
        text, is_error = await text_of(ann)
        assert is_error
        assert f"{running.settings.listen.url}/connect/acme?for=" in text


async def test_a_connection_is_verified_and_says_whose_it_is(tmp_path: Path) -> None:
    async with house(tmp_path) as running:
        acme = running.assembly.catalog.services["acme"]
        assert not (await verified(running.assembly, ANN, acme)).good
        await running.connect(ANN, "ann-s-token")
        verdict = await verified(running.assembly, ANN, acme)
        assert (verdict.good, verdict.account) == (True, "Ann")
        await running.connect(ANN, "revoked")
        verdict = await verified(running.assembly, ANN, acme)
        assert not verdict.good
        assert "revoked" not in verdict.reason
