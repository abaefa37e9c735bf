"""The compiled catalog: what a server reads."""

import asyncio
from pathlib import Path

import msgspec
import pytest

from trunkline.catalog import Catalog, write_catalog
from trunkline.contract import Effect, Internal, NotFound, Plan, Service, ToolSpec


def service(id: str) -> Service:
    return Service(id, id.title(), "For tests.", "code", f"https://{id}.test", (f"{id}.test",))


def spec(name: str) -> ToolSpec:
    return ToolSpec(
        name=name,
        service=name.partition("_")[0],
        category="code",
        operation="op",
        title="Title",
        description="Does it.",
        effect=Effect.READ,
        idempotent=True,
        input_schema=b'{"type":"object"}',
        signature=f"{name}()",
        signature_tokens=3,
        listing_tokens=9,
        plan=Plan("GET", "/"),
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_catalog(
        tmp_path,
        [
            (service("alpha"), [spec("alpha_get_it"), spec("alpha_list_them")]),
            (service("beta-two"), [spec("beta-two_get_it")]),
        ],
    )
    return tmp_path


async def test_a_tool_is_found_by_its_name_with_all_its_fields(folder: Path) -> None:
    assert await Catalog.open(folder).tool("beta-two_get_it") == spec("beta-two_get_it")


async def test_the_head_holds_counts_and_digests_of_the_rows(folder: Path) -> None:
    catalog = Catalog.open(folder)
    assert {id: entry.tools for id, entry in catalog.services.items()} == {"alpha": 2, "beta-two": 1}
    assert all(len(entry.digest) == 64 for entry in catalog.services.values())


async def test_peek_finds_only_what_is_loaded(folder: Path) -> None:
    catalog = Catalog.open(folder)
    assert catalog.peek("alpha_get_it") is None
    await catalog.integration("alpha")
    assert catalog.peek("alpha_get_it") == spec("alpha_get_it")
    assert catalog.peek("alpha_no_such") is None


async def test_concurrent_first_uses_load_once_and_share_the_result(folder: Path) -> None:
    catalog = Catalog.open(folder)
    loaded = await asyncio.gather(*(catalog.integration("alpha") for _ in range(20)))
    assert len({id(integration) for integration in loaded}) == 1


async def test_a_caller_that_gives_up_does_not_fail_the_others(folder: Path) -> None:
    catalog = Catalog.open(folder)
    impatient = asyncio.create_task(catalog.integration("alpha"))
    patient = asyncio.create_task(catalog.integration("alpha"))
    await asyncio.sleep(0)
    impatient.cancel()
    assert (await patient).names == ("alpha_get_it", "alpha_list_them")


@pytest.mark.parametrize(
    ("name", "near"), [("alpha_get_itt", "alpha_get_it"), ("alpah_get_it", "alpha"), ("nothing", "")]
)
async def test_an_unknown_name_is_not_found_and_near_misses_are_named(folder: Path, name: str, near: str) -> None:
    with pytest.raises(NotFound) as caught:
        await Catalog.open(folder).tool(name)
    assert name in caught.value.message
    assert near in caught.value.message


def test_without_a_build_the_error_says_what_to_run(tmp_path: Path) -> None:
    with pytest.raises(NotFound) as caught:
        Catalog.open(tmp_path)
    assert "trunkline catalog build" in caught.value.hint


async def test_damaged_rows_fail_that_integration_only(folder: Path) -> None:
    (folder / "alpha.rows").write_bytes(b"not rows")
    catalog = Catalog.open(folder)
    with pytest.raises(Internal):
        await catalog.integration("alpha")
    assert (await catalog.integration("beta-two")).names == ("beta-two_get_it",)


async def test_a_service_without_tools_can_be_loaded(tmp_path: Path) -> None:
    write_catalog(tmp_path, [(service("empty"), [])])
    assert (await Catalog.open(tmp_path).integration("empty")).names == ()


def test_writing_the_same_again_gives_the_same_bytes_and_version(folder: Path, tmp_path: Path) -> None:
    before = (folder / "catalog.msgpack").read_bytes()
    write_catalog(
        folder,
        [
            (service("beta-two"), [spec("beta-two_get_it")]),
            (service("alpha"), [spec("alpha_list_them"), spec("alpha_get_it")]),
        ],
    )
    assert (folder / "catalog.msgpack").read_bytes() == before


def test_a_service_that_is_gone_takes_its_rows_along(folder: Path) -> None:
    write_catalog(folder, [(service("alpha"), [])])
    assert [path.name for path in folder.glob("*.rows")] == ["alpha.rows"]


def test_a_changed_row_changes_the_version(folder: Path) -> None:
    before = Catalog.open(folder).version
    changed = msgspec.structs.replace(spec("alpha_get_it"), description="Does it otherwise.")
    write_catalog(folder, [(service("alpha"), [changed])])
    assert Catalog.open(folder).version != before


@pytest.mark.parametrize("name", ["x" * 1_000_000, "alpha_" + "x" * 1_000_000])
async def test_a_name_longer_than_any_is_not_repeated_whole(folder: Path, name: str) -> None:
    with pytest.raises(NotFound) as refused:
        await Catalog.open(folder).tool(name)
    assert len(refused.value.message) < 120
