"""The sandbox over HTTP: statuses, headers, faults on request, the log."""

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Any

import aiohttp
import orjson
import pytest
from yarl import URL

from tests.sandbox.small import HOST, answers, body, descriptions, operation, path, query
from trunkline.sandbox.server import Address, serve

ISSUE = {
    "type": "object",
    "required": ["title"],
    "properties": {"title": {"type": "string"}, "number": {"type": "integer"}},
}
PATHS: dict[str, Any] = {
    "/repos/{owner}/issues": {
        "get": operation(
            parameters=[path("owner", {"type": "string"}), query("page", {"type": "integer"})],
        )
        | {"responses": answers({"type": "array", "items": ISSUE})},
        "post": operation(parameters=[path("owner", {"type": "string"})], requestBody=body("application/json", ISSUE))
        | {"responses": answers(ISSUE, "201")},
        "delete": operation(parameters=[path("owner", {"type": "string"})]) | {"responses": {"204": {}}},
    }
}
ISSUES = f"{HOST}/v1/repos/ada/issues"


@dataclass(frozen=True)
class Ask:
    method: str
    url: str
    sent: Any
    headers: dict[str, str]


class Client:
    def __init__(self, address: Address, session: aiohttp.ClientSession) -> None:
        self._address = address
        self._session = session

    async def ask(
        self, method: str, url: str, sent: Any = None, **headers: str
    ) -> tuple[int, Any, aiohttp.ClientResponse]:
        host, _, rest = url.partition("/")
        given = {"Host": host, "Authorization": "Bearer secret", **headers}
        address = URL(f"{self._address.url}/{rest}", encoded=True)
        async with self._session.request(method, address, headers=given, json=sent) as response:
            text = await response.read()
            return response.status, orjson.loads(text) if text else None, response

    async def fault(self, **what: Any) -> None:
        assert (await self.ask("POST", "127.0.0.1/__sandbox__/faults", {"service": "small", **what}))[0] == 201


@pytest.fixture
async def client() -> AsyncGenerator[Client]:
    async with serve(descriptions(PATHS)) as address, aiohttp.ClientSession() as session:
        yield Client(address, session)


async def test_a_good_request_is_answered_and_marked(client: Client) -> None:
    status, issue, response = await client.ask("POST", ISSUES, {"title": "Mine"})
    assert (status, issue["title"]) == (201, "Mine")
    assert response.headers["X-Trunkline-Sandbox"] == "1"


WRONG: list[Any] = [
    (Ask("POST", ISSUES, {"titel": "x"}, {}), 422, ("body", "/title", "required")),
    (Ask("POST", ISSUES, {"title": 1}, {}), 422, ("body", "/title", "type")),
    (Ask("POST", ISSUES, {"title": "x"}, {"Authorization": ""}), 401, ("header", "/Authorization", "credential")),
    (Ask("POST", ISSUES, {"title": "x"}, {"Content-Type": "text/csv"}), 415, ("header", "/Content-Type", "media type")),
    (Ask("GET", ISSUES + "?pages=1", None, {}), 422, ("query", "/pages", "unknown")),
    (Ask("PATCH", ISSUES, None, {}), 405, ("path", "", "method")),
    (Ask("GET", f"{HOST}/v1/nothing", None, {}), 404, ("path", "", "route")),
    (Ask("GET", "unknown.example.org/x", None, {}), 404, ("header", "/Host", "host")),
]


@pytest.mark.parametrize(("asked", "status", "violation"), WRONG)
async def test_a_wrong_request_is_refused_and_told_why(
    client: Client, asked: Ask, status: int, violation: tuple[str, ...]
) -> None:
    found, told, response = await client.ask(asked.method, asked.url, asked.sent, **asked.headers)
    assert found == status
    assert violation in [(it["where"], it["pointer"], it["rule"]) for it in told["violations"]]
    assert response.headers["X-Trunkline-Sandbox"] == "1"


async def test_head_and_204_have_no_body(client: Client) -> None:
    assert (await client.ask("HEAD", ISSUES))[:2] == (200, None)
    assert (await client.ask("DELETE", ISSUES))[:2] == (204, None)


@pytest.mark.parametrize("status", [401, 404, 429, 500, 503])
async def test_a_fault_that_was_asked_for_comes_once(client: Client, status: int) -> None:
    await client.fault(fault=status, retry_after=7)
    failed, _, response = await client.ask("GET", ISSUES)
    assert failed == status
    assert response.headers.get("Retry-After") == ("7" if status in (429, 503) else None)
    assert (await client.ask("GET", ISSUES))[0] == 200


async def test_a_dropped_connection_is_a_dropped_connection(client: Client) -> None:
    await client.fault(fault="drop", count=9)
    with pytest.raises(aiohttp.ClientError):
        await client.ask("POST", ISSUES, {"title": "x"})


async def test_a_slow_answer_is_the_normal_one_late(client: Client) -> None:
    await client.fault(fault="slow", seconds=0.2)
    started = asyncio.get_running_loop().time()
    status, issue, _ = await client.ask("POST", ISSUES, {"title": "Late"})
    assert (status, issue["title"]) == (201, "Late")
    assert asyncio.get_running_loop().time() - started >= 0.2


async def test_faults_can_be_seen_and_taken_back_and_misspelt_ones_are_refused(client: Client) -> None:
    await client.fault(fault=500, count=2)
    assert (await client.ask("GET", "localhost/__sandbox__/faults"))[1]["faults"][0]["count"] == 2
    assert (await client.ask("DELETE", "localhost/__sandbox__/faults"))[0] == 200
    assert (await client.ask("GET", ISSUES))[0] == 200
    assert (await client.ask("POST", "localhost/__sandbox__/faults", {"service": "small", "fault": 418}))[0] == 400


async def test_the_log_says_what_came_of_each_request_and_holds_no_secret(client: Client) -> None:
    await client.ask("GET", ISSUES + "?page=hunter2", Cookie="session=hunter2")
    await client.ask("POST", ISSUES, {"title": "hunter2"})
    log = (await client.ask("GET", "127.0.0.1/__sandbox__/log"))[1]
    assert log["count"] == 2
    seen = [(it["method"], it["service"], it["path"], it["status"], it["verdict"]) for it in log["entries"]]
    template = "/v1/repos/{owner}/issues"
    assert seen == [("GET", "small", template, 422, "rejected"), ("POST", "small", template, 201, "ok")]
    assert log["entries"][0]["violations"] == ["query /page: type"]
    assert "hunter2" not in str(log)
    assert "secret" not in str(log)


async def test_a_service_can_not_reach_the_controls(client: Client) -> None:
    """Only a caller that names the sandbox itself controls it; a service's host has no such path."""
    assert (await client.ask("GET", f"{HOST}/__sandbox__/log"))[1]["violations"][0]["rule"] == "route"
