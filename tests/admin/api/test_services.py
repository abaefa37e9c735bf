"""Services and tools, as the API tells them."""

import pytest

from tests.admin.house import House


async def test_a_search_finds_by_name_first_and_by_what_is_said_of_it(site: House) -> None:
    found = await site.get("acme-viewer", "/services?search=git")
    assert [each["id"] for each in found["services"][:2]] == ["github", "gitlab"]
    assert found["total"] == len(found["services"])


async def test_all_services_come_page_by_page(site: House) -> None:
    first = await site.get("acme-viewer", "/services")
    others = [await site.get("acme-viewer", f"/services?page={page}") for page in range(2, first["pages"] + 1)]
    ids = [each["id"] for page in (first, *others) for each in page["services"]]
    assert sorted(ids) == sorted(site.assembly.catalog.services)
    assert (await site.get("acme-viewer", "/services?page=9999"))["services"] == []


async def test_a_category_and_a_status_narrow_the_list(site: House) -> None:
    code = await site.get("acme-viewer", "/services?category=code")
    assert {each["category"] for each in code["services"]} == {"code"}
    assert (await site.get("acme-viewer", "/services?status=available"))["total"] == 0  # the sandbox connects all


async def test_a_service_says_where_its_tools_come_from(site: House) -> None:
    github = await site.get("acme-viewer", "/services/github")
    assert (github["card"]["title"], github["origin"]["kind"]) == ("GitHub", "openapi")
    (source,) = github["origin"]["sources"]
    assert len(source["sha256"]) == 64
    assert source["version"]


@pytest.mark.parametrize("path", ["/services/nothing", "/services/nothing/tools", "/tools/github_nothing", "/tools/x"])
async def test_what_does_not_exist_is_404(site: House, path: str) -> None:
    assert (await site.ask("acme-viewer", path)).status == 404


async def test_tools_come_page_by_page_and_by_effect(site: House) -> None:
    tools = await site.get("acme-viewer", "/services/github/tools?page=2")
    assert (tools["page"], len(tools["tools"])) == (2, 60)
    deleting = await site.get("acme-viewer", "/services/github/tools?effect=delete&search=repo")
    assert deleting["tools"]
    assert {each["effect"] for each in deleting["tools"]} == {"delete"}
    assert all("repo" in each["name"] for each in deleting["tools"])


async def test_a_tool_comes_with_its_schema(site: House) -> None:
    tool = await site.get("acme-viewer", "/tools/github_create_issue")
    assert (tool["service"], tool["card"]["effect"]) == ("github", "write")
    assert {"owner", "repo", "title"} <= set(tool["schema"]["required"])
