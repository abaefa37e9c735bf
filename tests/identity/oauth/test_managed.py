"""Enterprise-managed authorization: a company's provider vouches for its users to MCP clients (ID-JAG).

The provider is a contract fake: no provider that runs here issues such an assertion, so this one is signed as the draft
says (draft-ietf-oauth-identity-assertion-authz-grant). It proves our side alone.
"""

import base64
import json
from collections.abc import AsyncIterator, Iterable
from pathlib import Path
from typing import Any

import pytest
from joserfc import jws
from joserfc.jwk import ECKey, KeySet, OctKey

from tests.identity.oauth.conftest import opened
from tests.identity.oauth.house import House, Reply
from tests.identity.oauth.test_access_tokens import claims_of
from trunkline.contract import UpstreamUnavailable
from trunkline.identity.oauth.assertions import Known
from trunkline.identity.oauth.clients import JWT_BEARER

ISSUER = "https://idp.example"
KEY = ECKey.generate_key("P-256", {"kid": "k1"})
OTHER = ECKey.generate_key("P-256", {"kid": "k1"})


class Idp:
    """A provider's keys, and who its users are here."""

    trusted = frozenset({ISSUER})

    def __init__(self) -> None:
        self.users = {"ada@idp": Known("ada", "acme", "Ada"), "vic@idp": Known("vic", "acme", "Vic")}
        self.asked: list[str] = []
        self.is_down = False

    async def keys(self, issuer: str, kid: str) -> tuple[KeySet, Iterable[str]]:
        self.asked.append(issuer)
        if self.is_down:
            raise UpstreamUnavailable("The provider cannot be reached.")
        return KeySet([KEY]), {"ES256"}

    async def known(self, issuer: str, subject: str) -> Known | None:
        return self.users.get(subject) if issuer == ISSUER else None


class Office:
    """A house that trusts the provider, and a client with a secret."""

    def __init__(self, house: House, idp: Idp, client: dict[str, Any]) -> None:
        self.house = house
        self.idp = idp
        self.client = client

    def claims(self, **changes: Any) -> dict[str, Any]:
        """Good ones, some changed or (None) left out."""
        now = int(self.house.clock.at)
        good = {
            "iss": ISSUER,
            "sub": "ada@idp",
            "aud": self.house.base,
            "client_id": self.client["client_id"],
            "jti": "one",
            "iat": now,
            "exp": now + 300,
            "scope": "mcp",
            "resource": f"{self.house.base}/mcp",
        }
        return {name: value for name, value in {**good, **changes}.items() if value is not None}

    async def bring(self, token: str, **form: str) -> Reply:
        pair = f"{self.client['client_id']}:{self.client['client_secret']}"
        basic = {"authorization": f"Basic {base64.b64encode(pair.encode()).decode()}"}
        return await self.house.token({"grant_type": JWT_BEARER, "assertion": token, **form}, **basic)


def signed(claims: dict[str, Any], key: ECKey = KEY, **header: Any) -> str:
    facts = {"alg": "ES256", "typ": "oauth-id-jag+jwt", "kid": "k1", **header}
    facts = {name: value for name, value in facts.items() if value is not None}
    return jws.serialize_compact(facts, json.dumps(claims).encode(), key, ["ES256"])


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    idp = Idp()
    async with opened(tmp_path, idp) as house:
        client = await house.register(token_endpoint_auth_method="client_secret_basic")
        yield Office(house, idp, client)


async def test_an_assertion_is_worth_an_access_token_and_no_refresh_token(office: Office) -> None:
    reply = await office.bring(signed(office.claims()))
    assert reply.status == 200, reply.text
    assert reply.headers["cache-control"] == "no-store"
    assert reply.json.keys() == {"access_token", "token_type", "expires_in", "scope"}
    claims = claims_of(reply.json["access_token"])
    assert (claims["sub"], claims["aud"], claims["exp"] - claims["iat"]) == ("ada", f"{office.house.base}/mcp", 900)
    assert (await office.house.call(reply.json["access_token"])).status == 200
    event = office.house.events[-1]
    assert (event.act, event.actor, event.detail["issuer"]) == ("grant.allow", "ada", ISSUER)


async def test_it_is_published_only_where_somebody_is_trusted(office: Office, tmp_path: Path) -> None:
    server = (await office.house.ask("GET", "/.well-known/oauth-authorization-server")).json
    assert JWT_BEARER in server["grant_types_supported"]
    assert server["authorization_grant_profiles_supported"] == ["urn:ietf:params:oauth:grant-profile:id-jag"]


async def test_where_nobody_is_trusted_the_grant_does_not_exist(house: House) -> None:
    server = (await house.ask("GET", "/.well-known/oauth-authorization-server")).json
    assert JWT_BEARER not in server["grant_types_supported"]
    client = await house.register(token_endpoint_auth_method="client_secret_post")
    shown = {"client_id": client["client_id"], "client_secret": client["client_secret"]}
    reply = await house.token({"grant_type": JWT_BEARER, "assertion": "x.y.z", **shown})
    assert (reply.status, reply.json["error"]) == (400, "unsupported_grant_type")


CLAIMS: dict[str, dict[str, Any]] = {
    "audience": {"aud": "https://other.example"},
    "audience with a slash": {"aud": "SLASH"},
    "two audiences": {"aud": "TWO"},
    "no audience": {"aud": None},
    "issuer": {"iss": "https://evil.example"},
    "issuer with a slash": {"iss": ISSUER + "/"},
    "no issuer": {"iss": None},
    "client": {"client_id": "tl-another"},
    "no client": {"client_id": None},
    "expired": {"exp": 1_799_999_000},
    "no end": {"exp": None},
    "end as text": {"exp": "1900000000"},
    "a long life": {"exp": 1_800_090_000},
    "from the future": {"iat": 1_800_000_100},
    "not yet": {"nbf": 1_800_000_100},
    "no beginning": {"iat": None},
    "no id": {"jti": None},
    "empty id": {"jti": ""},
    "nobody": {"sub": ""},
    "no subject": {"sub": None},
    "a stranger": {"sub": "eve@idp"},
}


@pytest.mark.parametrize("changes", CLAIMS.values(), ids=CLAIMS)
async def test_an_assertion_with_a_wrong_claim_is_refused(office: Office, changes: dict[str, Any]) -> None:
    base = office.house.base
    named = {"SLASH": base + "/", "TWO": [base, "https://other.example"]}
    changes = {name: named.get(value, value) if isinstance(value, str) else value for name, value in changes.items()}
    reply = await office.bring(signed(office.claims(**changes)))
    assert (reply.status, reply.json["error"]) == (400, "invalid_grant"), reply.text
    assert office.house.events == []


HEADERS: dict[str, dict[str, Any]] = {
    "an access token": {"typ": "at+jwt"},
    "an ID token": {"typ": "JWT"},
    "no type": {"typ": None},
    "another key": {"kid": "k2"},
    "no key": {"kid": None},
    "a key of its own": {"jwk": OTHER.as_dict(private=False)},
    "a place of its own": {"jku": "https://evil.example/keys"},
}


@pytest.mark.parametrize("header", HEADERS.values(), ids=HEADERS)
async def test_an_assertion_with_a_wrong_header_is_refused(office: Office, header: dict[str, Any]) -> None:
    reply = await office.bring(signed(office.claims(), **header))
    assert (reply.status, reply.json["error"]) == (400, "invalid_grant"), reply.text
    assert set(office.idp.asked) <= {ISSUER}
    assert office.house.web.fetched == []


def unsigned(claims: dict[str, Any]) -> str:
    header = {"alg": "none", "typ": "oauth-id-jag+jwt", "kid": "k1"}
    parts = (base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in (header, claims))
    return ".".join((*parts, ""))


def by_public_key(claims: dict[str, Any]) -> str:
    facts = {"alg": "HS256", "typ": "oauth-id-jag+jwt", "kid": "k1"}
    key = OctKey.import_key(KEY.as_pem(private=False).hex())
    return jws.serialize_compact(facts, json.dumps(claims).encode(), key, ["HS256"])


async def test_b04_an_assertion_that_the_provider_has_not_signed_is_refused(office: Office) -> None:
    claims = office.claims()
    good = signed(claims)
    forged = (
        signed(claims, OTHER),
        unsigned(claims),
        by_public_key(claims),
        good[:-4] + "AAAA",
        good + ".x",
        "",
        "a.b.c",
    )
    for token in forged:
        reply = await office.bring(token)
        assert reply.status == 400, token
        assert reply.json["error"] in ("invalid_grant", "invalid_request"), token


async def test_an_assertion_counts_once_and_is_no_code_either(office: Office) -> None:
    token = signed(office.claims())
    assert (await office.bring(token)).status == 200
    for again in (token, signed(office.claims(exp=int(office.house.clock.at) + 200))):
        reply = await office.bring(again)
        assert (reply.status, reply.json["error"]) == (400, "invalid_grant")
    assert (await office.bring(signed(office.claims(jti="two")))).status == 200
    reply = await office.house.redeem(
        office.client["client_id"], f"{ISSUER} one", client_secret=office.client["client_secret"]
    )
    assert (reply.status, reply.json["error"]) == (400, "invalid_grant")


async def test_a_client_without_a_secret_brings_none(office: Office) -> None:
    client = (await office.house.register())["client_id"]
    token = signed(office.claims(client_id=client))
    reply = await office.house.token({"grant_type": JWT_BEARER, "client_id": client, "assertion": token})
    assert (reply.status, reply.json["error"]) == (400, "unauthorized_client")


async def test_a_client_with_a_wrong_secret_brings_none(office: Office) -> None:
    office.client["client_secret"] = "guess"
    assert (await office.bring(signed(office.claims()))).json["error"] == "invalid_client"


async def test_the_request_may_narrow_the_scope_and_never_widen_it(office: Office) -> None:
    narrow = await office.bring(signed(office.claims()), scope="mcp:read")
    assert narrow.json["scope"] == "mcp:read"
    wide = await office.bring(signed(office.claims(jti="two", scope="mcp:read")), scope="mcp")
    assert (wide.status, wide.json["error"]) == (400, "invalid_scope")
    unknown = await office.bring(signed(office.claims(jti="three", scope="admin")))
    assert (unknown.status, unknown.json["error"]) == (400, "invalid_scope")


async def test_a_viewer_only_reads(office: Office) -> None:
    assert (await office.bring(signed(office.claims(sub="vic@idp")))).json["scope"] == "mcp:read"


async def test_a_resource_is_one_of_ours_and_the_one_that_was_asserted(office: Office) -> None:
    foreign = await office.bring(signed(office.claims(resource="https://other.example/mcp")))
    assert foreign.json["error"] == "invalid_target"
    other = await office.bring(signed(office.claims()), resource=f"{office.house.base}/mcp/t/echo")
    assert other.json["error"] == "invalid_target"
    usual = await office.bring(signed(office.claims(resource=None)))
    assert claims_of(usual.json["access_token"])["aud"] == f"{office.house.base}/mcp"


async def test_a_user_who_left_or_was_disabled_gets_nothing(office: Office) -> None:
    office.house.people.roles["ada"] = None
    assert (await office.bring(signed(office.claims()))).json["error"] == "invalid_grant"


async def test_a_provider_that_is_down_is_said_and_lets_nobody_in(office: Office) -> None:
    office.idp.is_down = True
    reply = await office.bring(signed(office.claims()))
    assert (reply.status, reply.json["error"]) == (503, "temporarily_unavailable")
    office.idp.is_down = False
    assert (await office.bring(signed(office.claims()))).status == 200, "a failure uses nothing up"


async def test_b05_an_assertion_opens_no_endpoint_by_itself(office: Office) -> None:
    assert (await office.house.call(signed(office.claims()))).status == 401
