"""Hand-written modules: how their tools are called, and when they are opened and closed."""

import asyncio
import json
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tests.category import house
from tests.category.shelf import Shelf
from tests.support.wait import until_async
from trunkline.catalog import Catalog, write_catalog
from trunkline.category.dial import Dialer, DirectDialer, SandboxDialer
from trunkline.category.opened import Limits, OpenedModules
from trunkline.category.server import CategoryServer
from trunkline.category.upstream import Upstream
from trunkline.connections.ticket import Opener
from trunkline.contract import (
    AllowedCall,
    AuthKind,
    AuthScheme,
    ConnectionRef,
    Credential,
    Done,
    Failed,
    InvalidManifest,
    Overloaded,
    PythonPlan,
    Service,
    ToolSpec,
    Variable,
    tools_of,
)

NAME = "tests.category.shelf:Shelf"
BASIC = AuthScheme(AuthKind.BASIC)
SERVICE = Service(
    "shelf", "Shelf", "", "code", "https://{host}", ("{host}",), auth=(BASIC,), variables={"host": Variable("[a-z.]+")}
)


def credential(password: str = "secret-password") -> Credential:
    return Credential(BASIC, {"username": "ann", "password": password})


def specs() -> list[ToolSpec]:
    found: list[ToolSpec] = []
    for tool in tools_of(Shelf):
        schema = msgspec.json.schema(tool.arguments)["$defs"][f"{tool.name}_arguments"]
        name = f"shelf_{tool.name}"
        made = house.tool(name, house.PLAN, schema, tool.effect)
        found.append(msgspec.structs.replace(made, service="shelf", plan=PythonPlan(NAME, tool.name)))
    return found


def call(
    method: str, arguments: Mapping[str, Any] | None = None, connection: str = "one", version: int = 1
) -> AllowedCall:
    return house.call(
        f"shelf_{method}",
        arguments or {},
        service="shelf",
        hosts=("localhost",),
        connection=ConnectionRef(connection, version, "shelf"),
        variables={"host": "localhost"},
    )


@asynccontextmanager
async def category(folder: Path, dialer: Dialer | None = None) -> AsyncGenerator[CategoryServer]:
    Shelf.opened_ever.clear()
    write_catalog(folder, [(SERVICE, specs())])
    upstream = Upstream(dialer or DirectDialer())
    server = CategoryServer("code", Catalog.open(folder), Opener(house.KEY), upstream)
    try:
        yield server
    finally:
        await server.close()
        assert Shelf.open_now == []


async def end_of(server: CategoryServer, allowed: AllowedCall, password: str = "secret-password") -> Done | Failed:
    return await house.end_of(server, allowed, credential(password))


async def failure(server: CategoryServer, allowed: AllowedCall, password: str = "secret-password") -> Failed:
    end = await end_of(server, allowed, password)
    assert isinstance(end, Failed)
    return end


async def test_a_method_answers_with_what_it_returns(tmp_path: Path) -> None:
    async with category(tmp_path) as server:
        end = await end_of(server, call("list_books", {"count": 1}))
        assert isinstance(end, Done)
        assert json.loads(end.result.text) == [{"title": "Book 0", "of": "localhost"}]


async def test_a_connection_is_opened_once_and_closed_with_the_server(tmp_path: Path) -> None:
    async with category(tmp_path) as server:
        await asyncio.gather(*(end_of(server, call("list_books")) for _ in range(5)))
        await end_of(server, call("list_books", connection="two"))
        await end_of(server, call("list_books", connection="two", version=2))
        assert len(Shelf.opened_ever) == 3


async def test_arguments_that_do_not_fit_are_refused(tmp_path: Path) -> None:
    async with category(tmp_path) as server:
        wrong = await failure(server, call("list_books", {"count": "two"}))
        unknown = await failure(server, call("list_books", {"number": 2}))
        assert wrong.fact.code == unknown.fact.code == "invalid_arguments"


async def test_a_secret_never_leaves_in_answer_or_fault(tmp_path: Path) -> None:
    async with category(tmp_path) as server:
        told = await end_of(server, call("tell_password"))
        assert isinstance(told, Done)
        texts = [told.result.text]
        texts += [(await failure(server, call("jam", {"how": how}))).fact.message for how in ("driver", "fault", "bug")]
        texts.append((await failure(server, call("list_books", connection="x"), "wrong-password")).fact.message)
        assert not [text for text in texts if "password" in text.replace('"password":', "") and "secret" in text]
        assert "wrong-password" not in texts[-1]
        assert "[redacted]" in texts[0]


@pytest.mark.parametrize(
    ("how", "code"), [("driver", "upstream_failed"), ("fault", "invalid_arguments"), ("bug", "internal")]
)
async def test_what_a_module_raises_becomes_a_fault(tmp_path: Path, how: str, code: str) -> None:
    async with category(tmp_path) as server:
        assert (await failure(server, call("jam", {"how": how}))).fact.code == code
        assert isinstance(await end_of(server, call("list_books")), Done)


async def test_a_connection_that_cannot_be_opened_is_tried_again(tmp_path: Path) -> None:
    async with category(tmp_path) as server:
        assert (await failure(server, call("list_books"), "wrong-password")).fact.code == "credential_rejected"
        assert isinstance(await end_of(server, call("list_books")), Done)


async def test_a_module_reaches_the_hosts_of_its_connection_only(tmp_path: Path) -> None:
    async with category(tmp_path) as server:
        end = await end_of(server, call("reach", {"host": "localhost"}))
        assert isinstance(end, Done)
        assert set(json.loads(end.result.text)) & {"127.0.0.1", "::1"}
        assert (await failure(server, call("reach", {"host": "metadata.internal"}))).fact.code == "host_denied"


async def test_the_sandbox_says_how_to_connect_a_real_one(tmp_path: Path) -> None:
    async with category(tmp_path, SandboxDialer("127.0.0.1", 1)) as server:
        fact = (await failure(server, call("reach", {"host": "localhost"}))).fact
        assert fact.code == "needs_connection"
        assert "without --sandbox" in fact.hint


async def _opened() -> bool:
    return bool(Shelf.open_now)


async def _closed() -> bool:
    return not Shelf.open_now


async def test_a_call_that_is_given_up_leaves_the_connection_open(tmp_path: Path) -> None:
    async with category(tmp_path) as server:
        waiting = call("wait")
        task = server.begin(waiting, house.ticket_for(waiting, credential()))
        await until_async(_opened, 5, "an open shelf")
        server.give_up(waiting.id)
        end = await task
        assert isinstance(end, Failed)
        assert end.fact.code == "cancelled"
        assert isinstance(await end_of(server, call("list_books")), Done)
        assert len(Shelf.opened_ever) == 1


async def _used(modules: OpenedModules, connection: str) -> None:
    async with modules.use(NAME, call("list_books", connection=connection), credential()):
        pass


async def test_an_idle_connection_is_closed() -> None:
    modules = OpenedModules(Upstream(DirectDialer()), Limits(idle_seconds=0.0, sweep_seconds=0.01))
    async with modules.use(NAME, call("list_books"), credential()):
        await asyncio.sleep(0.05)
        assert len(modules) == 1  # in use
    await until_async(_closed, 5, "a closed shelf")
    assert len(modules) == 0
    await modules.close()


async def test_an_idle_connection_makes_room_for_another_and_a_busy_one_does_not() -> None:
    modules = OpenedModules(Upstream(DirectDialer()), Limits(most=1))
    await _used(modules, "one")
    await _used(modules, "two")
    assert len(modules) == 1
    async with modules.use(NAME, call("list_books", connection="two"), credential()):
        with pytest.raises(Overloaded):
            await _used(modules, "three")
    await modules.close()
    assert Shelf.open_now == []


@pytest.mark.parametrize(
    "name", ["tests.category.nowhere:Shelf", "tests.category.shelf:Nothing", f"{NAME[:-6]}:Jammed"]
)
async def test_a_module_that_cannot_be_imported_is_an_invalid_manifest(name: str) -> None:
    modules = OpenedModules(Upstream(DirectDialer()))
    with pytest.raises(InvalidManifest):
        async with modules.use(name, call("list_books"), credential()):
            pass
    await modules.close()
