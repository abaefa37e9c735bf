"""Tokens at the door: which are accepted, where, and until when (security cases B02 to B05, B22, B25, B32, A15)."""

import base64
import hmac
import json
from typing import Any
from urllib.parse import urlsplit

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from joserfc import jws, jwt
from joserfc.jwk import ECKey, OKPKey, RSAKey

from tests.identity.oauth.house import MASTER, House
from trunkline.identity.oauth import tokens
from trunkline.identity.oauth.keys import OVERLAP, PERIOD, SigningKeys


async def granted(house: House, **changes: str | None) -> dict[str, Any]:
    client = (await house.register())["client_id"]
    return {**await house.tokens(client, **changes), "client": client}


async def token(house: House, **changes: str | None) -> str:
    return (await granted(house, **changes))["access_token"]


def claims_of(token: str) -> dict[str, Any]:
    text = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))


def signed(house: House, claims: dict[str, Any], **header: Any) -> str:
    """Claims with our own signature, so that nothing but what is tested is wrong."""
    key = house.server.keys.current()
    facts = {"alg": "Ed25519", "typ": "at+jwt", "kid": key.kid, **header}
    return jws.serialize_compact(facts, json.dumps(claims).encode(), key, ["Ed25519"])


async def test_a_token_says_what_it_is_for_and_nothing_of_the_person(house: House) -> None:
    claims = claims_of(await token(house))
    assert (claims["iss"], claims["aud"], claims["sub"]) == (house.base, f"{house.base}/mcp", "ada")
    assert claims["exp"] - claims["iat"] == 900
    assert "Ada" not in json.dumps(claims)


@pytest.mark.parametrize("path", ["/mcp/t/echo", "/mcp/t/many"])
async def test_a_token_for_another_resource_of_the_same_gateway_is_refused(house: House, path: str) -> None:
    """B02. Also after the token has been accepted, and remembered, at its own."""
    whole = await token(house)
    assert (await house.call(whole)).status == 200
    assert (await house.call(whole, path)).status == 401
    narrow = await token(house, resource=house.base + path)
    assert (await house.call(narrow, path)).status == 200
    assert (await house.call(narrow)).status == 401


async def test_a_token_got_under_one_name_of_the_gateway_is_refused_under_another(house: House) -> None:
    """B02: localhost and 127.0.0.1 are two resources."""
    port = urlsplit(house.base).port
    assert (await house.call(await token(house), host=f"localhost:{port}")).status == 401


FOREIGN = [
    "ya29.a0AfH6SMBx-a-google-access-token",
    "gho_an-access-token-of-GitHubs-shape",
    "EwBgA8l6BAAU-an-opaque-one",
]


@pytest.mark.parametrize("foreign", FOREIGN)
async def test_a_providers_opaque_token_is_refused_and_goes_nowhere(house: House, foreign: str) -> None:
    """B03."""
    reply = await house.call(foreign)
    assert reply.status == 401
    assert foreign not in reply.text
    assert house.world.books.rows == []
    assert house.web.fetched == []


async def test_a_providers_signed_token_is_refused_even_for_our_audience(house: House) -> None:
    """B03: an ID token of Google's shape, and an access token of Entra's, good in everything but whose they are."""
    key = RSAKey.generate_key(2048, {"kid": "theirs"})
    good = claims_of(await token(house))
    for issuer in ("https://accounts.google.com", "https://login.microsoftonline.com/x/v2.0", house.base):
        for kid in ("theirs", house.server.keys.current().kid):
            header = {"alg": "RS256", "typ": "JWT", "kid": kid}
            assert (await house.call(jwt.encode(header, {**good, "iss": issuer}, key))).status == 401
    assert house.web.fetched == []


async def test_no_header_makes_a_forged_token_good(house: House) -> None:
    """B04."""
    good = await token(house)
    claims, key = claims_of(good), house.server.keys.current()
    head = {"alg": "Ed25519", "typ": "at+jwt", "kid": key.kid}
    public = key.as_dict(private=False)
    theirs = OKPKey.generate_key("Ed25519")
    pem = key.public_key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    forged = [
        _unsigned({**head, "alg": "none"}, claims),
        _unsigned({**head, "alg": "None"}, claims),
        _by_hmac({**head, "alg": "HS256"}, claims, str(public["x"]).encode()),
        _by_hmac({**head, "alg": "HS256"}, claims, pem),
        jwt.encode({**head, "alg": "ES256"}, claims, ECKey.generate_key("P-256"), ["ES256"]),
        jwt.encode(head, claims, theirs, ["Ed25519"]),
        *(
            jws.serialize_compact({**head, **extra}, json.dumps(claims).encode(), theirs, ["Ed25519"])
            for extra in (
                {"kid": "../../dev/null"},
                {"kid": "' OR 1=1 --"},
                {"jku": "https://evil.example/jwks"},
                {"x5u": "https://evil.example/cert"},
                {"jwk": theirs.as_dict(private=False)},
            )
        ),
    ]
    for each in forged:
        assert (await house.call(each)).status == 401
    assert house.web.fetched == []
    assert (await house.call(good)).status == 200


@pytest.mark.parametrize("extra", [{"jku": "https://evil.example/jwks"}, {"crit": ["x"], "x": 1}, {"cty": "JWT"}])
async def test_a_header_that_we_do_not_write_is_not_read_either(house: House, extra: dict[str, Any]) -> None:
    """B04: signed by our own key, and still refused."""
    claims = claims_of(await token(house))
    key = house.server.keys.current()
    head = base64.urlsafe_b64encode(json.dumps({"alg": "Ed25519", "typ": "at+jwt", "kid": key.kid, **extra}).encode())
    body = base64.urlsafe_b64encode(json.dumps(claims).encode())
    text = head.rstrip(b"=") + b"." + body.rstrip(b"=")
    private = key.private_key
    assert isinstance(private, Ed25519PrivateKey)
    signature = base64.urlsafe_b64encode(private.sign(text)).rstrip(b"=")
    assert (await house.call((text + b"." + signature).decode())).status == 401


@pytest.mark.parametrize("kind", ["JWT", "oauth-id-jag+jwt", "id_token", "AT+JWT", ""])
async def test_a_token_of_another_type_is_no_access_token(house: House, kind: str) -> None:
    """B05."""
    claims = claims_of(await token(house))
    assert (await house.call(signed(house, claims))).status == 200
    assert (await house.call(signed(house, {**claims, "jti": "other"}, typ=kind))).status == 401


def _changes(house: House) -> list[dict[str, Any]]:
    now, base = int(house.clock.at), house.base
    return [
        {"exp": now - 1},
        {"exp": now},
        {"exp": str(now + 60)},
        {"exp": float(now) + 0.5},
        {"exp": now + 86_400},
        {"exp": None},
        {"iat": now + 3_600, "exp": now + 3_660},
        {"iat": now - 3_600},
        {"nbf": now + 3_600},
        {"aud": [f"{base}/mcp"]},
        {"aud": [f"{base}/mcp", "https://evil.example"]},
        {"aud": f"{base}/mcp/"},
        {"iss": "https://evil.example"},
        {"sub": "bob"},
        {"org": "other"},
        {"grant": "0" * 32},
        {"admin": True},
    ]


async def test_claims_are_read_strictly(house: House) -> None:
    """B05: signed by our own key, each with one thing wrong."""
    claims = claims_of(await token(house))
    for change in _changes(house):
        reply = await house.call(signed(house, {**claims, **change}))
        assert reply.status == 401, change
    for name in claims:
        left = {key: value for key, value in claims.items() if key != name}
        assert (await house.call(signed(house, left))).status == 401, name
    assert (await house.call(signed(house, claims))).status == 200


async def test_a_token_is_good_for_fifteen_minutes_however_often_it_is_used(house: House) -> None:
    """B05, X08."""
    good = await token(house)
    for _ in range(9):
        assert (await house.call(good)).status == 200
        house.clock.at += 99
    house.clock.at += 9
    assert (await house.call(good)).status == 401


async def test_an_ended_grant_shows_within_seconds(house: House) -> None:
    """B25: though the token was accepted, and is remembered."""
    made = await granted(house)
    assert (await house.call(made["access_token"])).status == 200
    assert await house.server.grants.end("revoked", id=claims_of(made["access_token"])["grant"]) == 1
    house.clock.at += 2
    assert (await house.call(made["access_token"])).status == 401


async def test_a_disabled_user_shows_within_seconds(house: House) -> None:
    """B25."""
    good = await token(house)
    assert (await house.call(good)).status == 200
    house.people.roles["ada"] = None
    house.clock.at += 2
    assert (await house.call(good)).status == 401


async def test_grants_end_by_session_client_or_user_of_one_organization(house: House) -> None:
    good = await token(house)
    assert [each.grant.subject for each in await house.server.grants.list("ada", "acme")] == ["ada"]
    assert await house.server.grants.end("signed out", session="session-ada", organization="other") == 0
    assert await house.server.grants.end("signed out", session="session-ada", organization="acme") == 1
    assert await house.server.grants.list("ada", "acme") == ()
    assert (await house.call(good)).status == 401


async def test_between_two_looks_a_token_costs_no_look_at_the_database(house: House) -> None:
    good = await token(house)
    assert (await house.call(good)).status == 200
    house.people.roles["ada"] = None
    house.clock.at += 1.9
    assert (await house.call(good)).status == 200


async def test_a_viewers_token_only_reads(house: House) -> None:
    host = urlsplit(house.base).netloc.encode()
    good = await token(house)
    assert not (await house.authenticator.admit(f"Bearer {good}".encode(), host)).reading
    house.people.roles["ada"] = "viewer"
    house.clock.at += 2
    assert (await house.authenticator.admit(f"Bearer {good}".encode(), host)).reading


async def test_only_the_header_carries_a_token(house: House) -> None:
    """A15."""
    good = await token(house)
    elsewhere = await house.ask(
        "POST", f"/mcp?access_token={good}", json={}, headers={"cookie": f"access_token={good}"}
    )
    assert elsewhere.status == 401
    assert (await house.ask("POST", "/mcp", data={"access_token": good})).status == 401
    assert (await house.call("", authorization=f"bearer  {good} ")).status == 200
    assert (await house.call("", authorization=f"Bearer {good}, Bearer {good}")).status == 401
    assert (await house.call("", authorization=f"Basic {good}")).status == 401


async def test_a_keys_tokens_outlive_it_and_no_longer(house: House) -> None:
    """B32: rotation with an overlap."""
    keys, now = house.server.keys, house.clock
    now.at = (now.at // PERIOD) * PERIOD + PERIOD - 10
    last = await token(house)
    before = keys.current().kid
    now.at += 20
    assert keys.current().kid != before
    assert (await house.call(last)).status == 200
    published = [key["kid"] for key in (await house.ask("GET", "/oauth/jwks")).json["keys"]]
    assert {before, keys.current().kid} <= set(published)
    now.at += OVERLAP
    assert keys.accepted(str(before)) is None
    made = msgspec.convert({**claims_of(last), "iat": int(now.at), "exp": int(now.at) + 900}, tokens.Claims)
    old = SigningKeys(MASTER, lambda: now.at - OVERLAP - 20)
    assert (await house.call(tokens.mint(old, made))).status == 401
    assert (await house.call(tokens.mint(keys, made))).status == 200
    assert before not in [key["kid"] for key in (await house.ask("GET", "/oauth/jwks")).json["keys"]]


async def test_the_next_key_is_published_before_it_signs_and_no_private_half_ever(house: House) -> None:
    """B32, D01."""
    now = house.clock
    now.at = (now.at // PERIOD) * PERIOD + PERIOD - 3_600
    ahead = (await house.ask("GET", "/oauth/jwks")).json["keys"]
    now.at += 7_200
    assert house.server.keys.current().kid in {key["kid"] for key in ahead}
    assert all(key.keys() == {"kty", "crv", "x", "kid", "use", "alg"} for key in ahead)


def test_gateways_with_the_same_key_file_sign_alike() -> None:
    one, other = SigningKeys(MASTER, lambda: 1e9), SigningKeys(MASTER, lambda: 1e9)
    assert one.current().kid == other.current().kid
    assert SigningKeys(b"x" * 32, lambda: 1e9).current().kid != one.current().kid


def _unsigned(header: dict[str, Any], claims: dict[str, Any]) -> str:
    return f"{_text(json.dumps(header).encode())}.{_text(json.dumps(claims).encode())}."


def _by_hmac(header: dict[str, Any], claims: dict[str, Any], secret: bytes) -> str:
    """With what everybody knows, the public key, as the secret."""
    unsigned = _unsigned(header, claims)
    return unsigned + _text(hmac.digest(secret, unsigned[:-1].encode(), "sha256"))


def _text(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()
