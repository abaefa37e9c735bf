"""One secret is stored and used, calls succeed and fail, everything that can be seen is collected: it is nowhere."""

import asyncio
import base64
import json
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from sqlalchemy import select

from tests.journeys import redis_world
from tests.support import canary, databases, servers
from tests.support.gateway import Gateway, gateway, prepare, trunkline
from tests.support.mcp import Era
from trunkline.infra.engine import plain_engine
from trunkline.infra.location import Location
from trunkline.infra.tables import metadata

pytestmark = pytest.mark.xdist_group("keys")

_ASKED: list[tuple[str, dict[str, Any]]] = [
    ("find_tools", {"query": "get a key of redis"}),
    ("describe_tools", {"names": ["redis_get"]}),
    ("list_services", {"filter": "connected"}),
    ("redis_set", {"key": "k", "value": "v"}),
    ("redis_get", {"key": "k"}),
    ("redis_incr", {"key": "k"}),  # the server's own error
    ("redis_get", {"wrong": "arguments"}),
    ("redis_none", {}),
]
_COMMANDS = [
    ("connections", "--json"),
    ("connections",),
    ("keys", "status", "--json"),
    ("keys", "rotate", "--data-keys"),
    ("config", "--json"),
    ("doctor", "--json"),
    ("audit", "tail", "--json"),
    ("connect", "redis", "--set", "host=h o s t"),
    ("disconnect", "none"),
]
_PATHS = ["/", "/status.css", "/healthz", "/readyz", "/none?code=made-up&state=made-up", "/connect/redis", "/account"]


def test_the_forms_that_are_looked_for_are_found() -> None:
    """The search itself: an encoding of the secret with anything around it is seen."""
    raw = canary.SECRET.encode()
    for form in (raw, json.dumps({"a": canary.SECRET}).encode(), b"xx" + raw.hex().encode(), repr(raw).encode()):
        assert canary.seen_in(form)
    for before in range(5):
        encoded = base64.b64encode(b"u" * before + b":" + raw + b"!")
        assert [name for name in canary.seen_in(encoded) if name.startswith("base64")], before
    assert not canary.seen_in(b"nothing of it")


@pytest.mark.parametrize("kind", ["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)])
async def test_a_stored_secret_shows_in_no_answer_page_log_audit_row_output_or_file(
    tmp_path: Path, kind: str, request: pytest.FixtureRequest
) -> None:
    data = tmp_path / "data"
    where: Location = data / "trunkline.db"
    environment: dict[str, Any] = {}
    if kind == "postgresql":
        where = databases.empty(request.getfixturevalue("postgresql_port"))
        environment = {"TRUNKLINE_DATABASE_URL": where.url}
    shelf = redis_world.catalog(tmp_path / "shelf")
    (tmp_path / "valkey").mkdir()
    with servers.valkey(tmp_path / "valkey", canary.SECRET) as port:
        prepare(data, shelf)
        await redis_world.connect(data, port, canary.SECRET, environment=environment)
        options = ["--no-sandbox", "--log-level=debug"]
        with gateway(data, shelf, options, **environment) as running:
            seen = [await answers(running, era) for era in ("modern", "legacy")]
            seen.append(await pages(running))
            assert "v" in seen[0], "the secret was used"
            seen.extend([await said(data, environment, *command) for command in _COMMANDS])
            seen.append(await answers(running, "modern"))
    with gateway(data, shelf, options, **environment) as running:  # and now the server is gone
        seen.append(await answers(running, "modern"))
    seen.append(running.program.said())
    assert [canary.seen_in(text.encode()) for text in seen if canary.seen_in(text.encode())] == []
    assert not [text for text in seen if servers.PASSWORD in text], "the database's own"
    assert canary.files_with(data) == []
    assert rows_with_a_secret(where) == []


async def answers(running: Gateway, era: Era) -> str:
    """Everything that an MCP client is told."""
    async with running.client(era) as client:
        found = [json.dumps(await client.list_tools(), ensure_ascii=False)]
        for name, arguments in _ASKED:
            reply = await client.request("tools/call", {"name": name, "arguments": arguments})
            found.append(json.dumps([reply.body, reply.headers, reply.messages], ensure_ascii=False))
        return "\n".join(found)


async def pages(running: Gateway) -> str:
    """Everything that a browser is shown."""
    found: list[str] = []
    async with aiohttp.ClientSession() as http:
        for path in _PATHS:
            async with http.get(f"http://127.0.0.1:{running.port}{path}", allow_redirects=False) as response:
                found.append(f"{response.status} {dict(response.headers)} {await response.text()}")
    return "\n".join(found)


async def said(data: Path, environment: dict[str, Any], *command: str) -> str:
    done = await asyncio.to_thread(trunkline, data, *command, **environment)
    return done.stdout + done.stderr


def rows_with_a_secret(where: Location) -> list[str]:
    """D03: in a dump of every table, as text and as the bytes of its columns."""
    engine = plain_engine(where)
    with engine.connect() as connection:
        rows = [row for table in metadata.sorted_tables for row in connection.execute(select(table)).all()]
    engine.dispose()
    assert len(rows) > 20
    columns = [value if isinstance(value, bytes) else str(value).encode() for row in rows for value in row]
    return canary.seen_in(b"\n".join(columns))
