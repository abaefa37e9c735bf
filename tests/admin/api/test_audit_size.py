"""A page of the audit log costs the same in a log of a million rows, whatever is looked for."""

import time
from collections.abc import AsyncGenerator, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.support import databases
from trunkline.admin.api.audit_rows import AuditRows, Place, Wanted
from trunkline.infra.database import connect, prepare

CALLS = 500_000  # two rows each
SECONDS = 0.3
_INSERT = (
    "INSERT INTO audit (chain, position, at, kind, call, tool, service, effect, subject, organization, connection, "
    "arguments, code, status, ms, hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, x'00')"
)
# A common and a rare one of each, and pairs that never come together.
LOOKS = {
    "all": Wanted("acme"),
    "few": Wanted("other"),
    "user": Wanted("acme", subjects=("user-7",)),
    "two of a name": Wanted("acme", subjects=("user-7", "user-8")),
    "no such user": Wanted("acme", subjects=("nobody",)),
    "service": Wanted("acme", service="s3"),
    "tool": Wanted("acme", tool="s7_do_7"),
    "no such tool": Wanted("acme", tool="s3_never"),
    "ok": Wanted("acme", outcome="ok"),
    "failed": Wanted("acme", outcome="failed"),
    "seldom": Wanted("acme", outcome="cancelled"),
    "never": Wanted("acme", outcome="keys_unavailable"),
    "failed of a user": Wanted("acme", subjects=("user-7",), outcome="failed"),
    "user and service": Wanted("acme", subjects=("user-7",), service="s9"),
    "time": Wanted("acme", since=100_000.0, until=100_050.0),
}


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("large") / "trunkline.db"
    prepare(file)
    with closing(connect(file, synchronous="OFF")) as connection:
        connection.execute("BEGIN")
        connection.executemany(_INSERT, _rows())
        connection.execute("COMMIT")
    return file


def _rows() -> Iterator[tuple[object, ...]]:
    for n in range(CALLS):
        service, user = f"s{n % 100}", f"user-{n % 1000}"
        organization = "other" if n % 5000 == 0 else "acme"
        code = "cancelled" if n % 100_000 == 1 else "upstream_failed" if n % 20 == 1 else "ok"
        call = f"{n % 7:012x}-{n:x}"
        who = (f"{service}_do_{n % 700}", service, "read", user, organization, "c" * 32, "a" * 64)
        yield ("chain", 2 * n, float(n), "intent", call, *who, "", 0, 0.0)
        yield ("chain", 2 * n + 1, n + 0.2, "outcome", call, "", "", "", "", "", "", "", code, 200, 12.5)


@pytest.fixture
async def engine(path: Path) -> AsyncGenerator[AsyncEngine]:
    async with databases.sqlite(path.parent) as opened:
        yield opened


@pytest.mark.slow
@pytest.mark.parametrize("name", LOOKS)
@pytest.mark.parametrize("before", [None, Place(250_000.0, 500_000)], ids=["newest", "in the middle"])
async def test_a_page_takes_less_than_a_third_of_a_second(engine: AsyncEngine, name: str, before: Place | None) -> None:
    rows = AuditRows(engine)
    await rows.look(Wanted("nobody"), None, 1)
    started = time.process_time()
    found = await rows.look(LOOKS[name], before, 50)
    spent = time.process_time() - started
    assert len(found.calls) <= 50
    assert spent < SECONDS
