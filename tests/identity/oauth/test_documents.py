"""Clients known by the document at their id: which documents count, how they are fetched, and how often (B18)."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp.abc import AbstractResolver, ResolveResult

from tests.identity.oauth.house import LOOPBACK, WEB, House
from trunkline.contract import Fault, HostDenied
from trunkline.identity.oauth.documents import is_document_id
from trunkline.infra.fetch import Fetched, Outbound, Request
from trunkline.infra.http.addresses import GuardedResolver, is_public

ID = "https://app.example/oauth/client.json"


def document(**changes: Any) -> Fetched:
    """A good document, with some members changed or (None) left out."""
    good = {"client_id": ID, "client_name": "Known", "redirect_uris": [WEB, "http://127.0.0.1/callback"]}
    body = {name: value for name, value in {**good, **changes}.items() if value is not None}
    return Fetched(200, {"content-type": "application/json"}, json.dumps(body).encode())


async def test_a_client_with_a_document_need_not_register(house: House) -> None:
    house.web.documents[ID] = document()
    tokens = await house.tokens(ID)
    assert (await house.call(tokens["access_token"])).status == 200
    assert (await house.refresh(ID, tokens["refresh_token"])).status == 200
    assert (await house.authorize(ID, redirect_uri=LOOPBACK)).status == 200


async def test_its_tokens_are_renewed_while_the_document_cannot_be_reached(house: House) -> None:
    house.web.documents[ID] = document()
    tokens = await house.tokens(ID)
    house.web.documents.clear()
    house.clock.at += 86_400
    assert (await house.refresh(ID, tokens["refresh_token"])).status == 200


@pytest.mark.parametrize(
    "answer",
    [
        document(client_id="https://app.example/oauth/other.json"),
        document(client_id=ID + "/"),
        document(client_id=None),
        document(redirect_uris=None),
        document(redirect_uris=[]),
        document(redirect_uris=["javascript:alert(1)"]),
        document(client_secret="s"),
        document(token_endpoint_auth_method="client_secret_basic"),
        Fetched(200, {"content-type": "text/html"}, document().body),
        Fetched(404, {"content-type": "application/json"}, document().body),
        Fetched(302, {"location": "https://evil.example/"}, b""),
        Fetched(200, {"content-type": "application/json"}, b"[]"),
        Fetched(200, {"content-type": "application/json"}, b" " * 20_000 + document().body),
    ],
    ids=range(13),
)
async def test_a_document_that_is_not_of_the_client_makes_none(house: House, answer: Fetched) -> None:
    house.web.documents[ID] = answer
    assert (await house.authorize(ID)).status == 400


async def test_redirect_uris_that_are_not_accepted_are_left_out_of_a_document(house: House) -> None:
    house.web.documents[ID] = document(redirect_uris=["myapp://callback", WEB])
    assert (await house.authorize(ID)).status == 200
    assert (await house.authorize(ID, redirect_uri="myapp://callback")).status == 400


@pytest.mark.parametrize(
    "id",
    [
        "http://app.example/client.json",
        "https://app.example",
        "https://app.example/",
        "https://app.example/client.json?x=1",
        "https://app.example/client.json#x",
        "https://user@app.example/client.json",
        "https://app.example/a/../client.json",
        "https://app.example/a/%2e%2e/client.json",
        "https://APP.example/client.json",
        "https://app.example\\@evil.example/c",
        "https://127.0.0.1/client.json",
        "https://[::1]/client.json",
        "https://2130706433/client.json",
        "https://0x7f.1/client.json",
        "https://127.1/client.json",
        "https://0/client.json",
        "https://localhost/client.json",
        "https://app.example./client.json",
        "https://app.example/" + "x" * 1_100,
        "file:///etc/passwd",
    ],
)
async def test_an_id_that_is_no_plain_https_url_is_never_fetched(house: House, id: str) -> None:
    """B18."""
    assert not is_document_id(id)
    assert (await house.authorize(id)).status == 400
    assert house.web.fetched == []


async def test_a_document_is_kept_for_as_long_as_it_says(house: House) -> None:
    answer = document()
    house.web.documents[ID] = Fetched(200, {**answer.headers, "cache-control": "public, max-age=120"}, answer.body)
    for _ in range(5):
        await house.authorize(ID)
    assert house.web.fetched == [ID]
    house.clock.at += 120
    await house.authorize(ID)
    assert house.web.fetched == [ID, ID]


async def test_a_failure_is_kept_too_and_fetches_are_rationed(house: House) -> None:
    asked = [f"https://app.example/{number // 3}.json" for number in range(120)]
    statuses = [(await house.authorize(id)).status for id in asked]
    assert len(house.web.fetched) == 30
    assert set(statuses) == {400, 503}


# the way to the network: a server with TLS of its own, names that resolve to whatever a test says


class Names(AbstractResolver):
    """Answers in turn; the last one stays."""

    def __init__(self, *answers: str) -> None:
        self.answers = list(answers)
        self.asked = 0

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        self.asked += 1
        address = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        kind = socket.AF_INET6 if ":" in address else socket.AF_INET
        return [ResolveResult(hostname=host, host=address, port=port, family=kind, proto=0, flags=0)]

    async def close(self) -> None:
        pass


@pytest.fixture
async def listener() -> AsyncIterator[tuple[int, list[bytes]]]:
    """A port of this machine, and what was sent to it."""
    seen: list[bytes] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen.append(await reader.read(4096))
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    yield server.sockets[0].getsockname()[1], seen
    server.close()
    await server.wait_closed()


def over(names: Names) -> Outbound:
    return Outbound(public=True, addresses=GuardedResolver(names, is_public), seconds=2)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.0.0.1",
        "169.254.169.254",
        "192.168.1.1",
        "100.100.100.200",
        "0.0.0.0",
        "::1",
        "::ffff:10.0.0.1",
        "64:ff9b::a00:1",
        "2002:a00:1::",
        "fd00:ec2::254",
        "fe80::1",
    ],
)
async def test_a_name_that_leads_inside_is_not_dialed(listener: tuple[int, list[bytes]], address: str) -> None:
    """B18."""
    port, seen = listener
    fetch = over(Names(address))
    with pytest.raises(HostDenied):
        await fetch(Request(f"https://app.example:{port}/client.json"))
    await fetch.close()
    assert seen == []


async def test_the_address_that_was_checked_is_the_one_that_is_dialed(listener: tuple[int, list[bytes]]) -> None:
    """B18: DNS rebinding. The second look-up would lead inside; there is none."""
    port, seen = listener
    names = Names("192.0.2.1", "127.0.0.1")  # TEST-NET-1: nobody answers there
    addresses = GuardedResolver(names, lambda each: str(each) == "192.0.2.1")
    fetch = Outbound(public=True, addresses=addresses, seconds=1)
    with pytest.raises(Fault):
        await fetch(Request(f"https://app.example:{port}/client.json"))
    await fetch.close()
    assert (names.asked, seen) == (1, [])


@pytest.mark.parametrize(
    "url",
    [
        "http://app.example/c.json",
        "https://127.0.0.1:{port}/c.json",
        "https://2130706433:{port}/c.json",
        "https://127.1:{port}/c.json",
        "https://0x7f000001:{port}/c.json",
        "https://[::ffff:127.0.0.1]:{port}/c.json",
        "https://localhost:{port}/c.json",
        "https://db.internal:{port}/c.json",
    ],
)
async def test_an_address_in_place_of_a_name_is_not_dialed(listener: tuple[int, list[bytes]], url: str) -> None:
    """B18."""
    port, seen = listener
    fetch = over(Names("192.0.2.1"))
    with pytest.raises(Fault):
        await fetch(Request(url.format(port=port)))
    await fetch.close()
    assert seen == []
