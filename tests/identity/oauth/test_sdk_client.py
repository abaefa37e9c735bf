"""The official SDK's own OAuth client: it is given the URL, and a browser that clicks. Nothing else."""

import httpx2
import pytest
from mcp import Client
from mcp.client.auth import OAuthClientProvider
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.auth import AuthorizationCodeResult, OAuthClientInformationFull, OAuthClientMetadata, OAuthToken
from mcp_types import TextContent
from pydantic import AnyUrl

from tests.identity.oauth.house import House, Reply
from trunkline.infra.fetch import Fetched

LOOPBACK = "http://127.0.0.1:3030/callback"
DOCUMENT = "https://app.example/client.json"


class Store:
    """What a client keeps on disk."""

    def __init__(self) -> None:
        self.tokens: OAuthToken | None = None
        self.client: OAuthClientInformationFull | None = None

    async def get_tokens(self) -> OAuthToken | None:
        return self.tokens

    async def set_tokens(self, tokens: OAuthToken) -> None:
        self.tokens = tokens

    async def get_client_info(self) -> OAuthClientInformationFull | None:
        return self.client

    async def set_client_info(self, client_info: OAuthClientInformationFull) -> None:
        self.client = client_info


class Browser:
    """Follows the URL that the client opens, allows what it is asked, and comes back to the client."""

    def __init__(self, house: House, access: str = "all") -> None:
        self.house = house
        self.access = access
        self.opened = 0
        self.reply: Reply | None = None

    async def open(self, url: str) -> None:
        self.opened += 1
        page = await self.house.ask("GET", url, "ada")
        self.reply = await self.house.submit(page, access=self.access)
        assert self.reply.location.startswith(LOOPBACK)

    async def come_back(self) -> AuthorizationCodeResult:
        assert self.reply is not None
        return AuthorizationCodeResult.model_validate(self.reply.told)


def provider(url: str, store: Store, browser: Browser, document: str | None = None) -> OAuthClientProvider:
    metadata = OAuthClientMetadata(client_name="SDK", redirect_uris=[AnyUrl(LOOPBACK)])
    return OAuthClientProvider(url, metadata, store, browser.open, browser.come_back, document)


async def say(house: House, provider: OAuthClientProvider, mode: str, tool: str = "echo_get_text") -> str:
    """The text of one tool call, through a new connection."""
    url = provider.context.server_url
    async with (
        httpx2.AsyncClient(auth=provider, timeout=20) as http,
        Client(streamable_http_client(url, http_client=http), mode=mode) as client,
    ):
        first = (await client.call_tool(tool, {"a": 1})).content[0]
        assert isinstance(first, TextContent)
        return first.text


@pytest.mark.parametrize("mode", ["legacy", "auto", "2026-07-28"])
@pytest.mark.parametrize("path", ["/mcp", "/mcp/t/echo"])
async def test_it_connects_with_the_url_alone(house: House, mode: str, path: str) -> None:
    store, browser = Store(), Browser(house)
    assert '"a": 1' in await say(house, provider(house.base + path, store, browser), mode)
    assert browser.opened == 1
    assert store.tokens is not None
    assert store.tokens.refresh_token
    assert house.web.fetched == []


async def test_it_goes_on_with_what_it_stored_and_renews_it(house: House) -> None:
    store, browser = Store(), Browser(house)
    url = house.base + "/mcp"
    await say(house, provider(url, store, browser), "2026-07-28")
    assert store.tokens is not None
    first = store.tokens.access_token
    house.clock.at += 900
    fresh = provider(url, store, browser)
    fresh.context.token_expiry_time = 1.0  # its own clock says what the house's does
    assert '"a": 1' in await say(house, fresh, "2026-07-28")
    assert store.tokens.access_token != first
    assert browser.opened == 1


async def test_it_connects_by_a_document_where_it_has_one(house: House) -> None:
    body = b'{"client_id":"%b","redirect_uris":["%b"],"token_endpoint_auth_method":"none"}'
    house.web.documents[DOCUMENT] = Fetched(
        200, {"content-type": "application/json"}, body % (DOCUMENT.encode(), LOOPBACK.encode())
    )
    store, browser = Store(), Browser(house)
    assert '"a": 1' in await say(house, provider(house.base + "/mcp", store, browser, DOCUMENT), "2026-07-28")
    assert store.client is not None
    assert store.client.client_id == DOCUMENT
    assert house.web.fetched == [DOCUMENT]


async def test_it_steps_up_when_a_call_needs_more_than_was_allowed(house: House) -> None:
    """B22: the user allowed reading; a call that changes something asks them again."""
    store, browser = Store(), Browser(house, "read")
    one = provider(house.base + "/mcp", store, browser)
    assert '"a": 1' in await say(house, one, "2026-07-28")
    browser.access = "all"
    assert '"a": 1' in await say(house, one, "2026-07-28", "echo_send_text")
    assert browser.opened == 2
    assert store.tokens is not None
    assert store.tokens.scope
    assert "mcp" in store.tokens.scope.split()


async def test_it_refuses_nothing_that_we_publish(house: House) -> None:
    """Byte-identical issuer, PKCE and `iss` are checked by the SDK itself; this says that they are there to check."""
    for name in ("oauth-authorization-server", "openid-configuration"):
        server = (await house.ask("GET", f"/.well-known/{name}")).json
        assert server["issuer"] == house.base
        assert server["authorization_response_iss_parameter_supported"] is True
        assert server["code_challenge_methods_supported"] == ["S256"]
        assert server["client_id_metadata_document_supported"] is True
    for path in ("", "/mcp", "/mcp/t/echo"):
        resource = (await house.ask("GET", f"/.well-known/oauth-protected-resource{path}")).json
        assert resource["resource"] == house.base + (path or "/mcp")
        assert resource["authorization_servers"] == [server["issuer"]]
        assert "offline_access" not in resource["scopes_supported"]
