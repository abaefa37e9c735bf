"""Toolsets through the API: made, changed and deleted by admins; what they cost; where they are."""

from pathlib import Path

import pytest

from tests.admin.house import House
from trunkline.catalog.rows import Rows

OPS = {"members": ["slack_post_message", "github_create_issue"], "summary": "Releases"}


async def test_an_admin_makes_a_toolset_and_everybody_of_the_organization_sees_it(site: House) -> None:
    made = await site.change("acme-admin", "POST", "/toolsets/ops", **OPS)
    assert made.status == 200, made.text
    (seen,) = (await site.get("acme-viewer", "/toolsets"))["toolsets"]
    assert (seen["name"], seen["url"], seen["listing"]) == ("ops", "https://gw.example/mcp/t/ops", "auto")
    assert seen["members"] == ["github_create_issue", "slack_post_message"]
    assert (await site.get("other-owner", "/toolsets"))["toolsets"] == []
    assert (await site.ask("other-owner", "/toolsets/ops")).status == 404


async def test_the_cost_of_a_choice_is_what_the_tokenizer_counted(site: House, catalog_folder: Path) -> None:
    found = await site.get("acme-viewer", f"/cost?members={','.join(OPS['members'])}")
    specs = [Rows(catalog_folder / f"{name.partition('_')[0]}.rows").read(name) for name in OPS["members"]]
    assert found == {"tools": 2, "tokens": sum(spec.listing_tokens for spec in specs if spec), "auto": "direct"}
    whole = await site.get("acme-viewer", "/cost?members=github")
    assert whole["auto"] == "search"
    assert whole["tokens"] > 100_000


async def test_the_gateway_offers_what_was_changed_at_once(site: House) -> None:
    toolsets = site.assembly.gateway.toolsets
    await site.change("acme-admin", "POST", "/toolsets/ops", **OPS)
    assert (await toolsets.find("acme", "ops")).members == frozenset(OPS["members"])
    edited = await site.change("acme-admin", "POST", "/toolsets/ops", **OPS | {"members": ["stripe"]})
    assert edited.status == 200, edited.text
    assert (await toolsets.find("acme", "ops")).members == frozenset({"stripe"})
    assert (await site.change("acme-admin", "DELETE", "/toolsets/ops")).status == 200
    assert (await site.change("acme-admin", "DELETE", "/toolsets/ops")).status == 404


@pytest.mark.parametrize(
    ("name", "members", "status"),
    [
        ("ops", ["no-such"], 404),
        ("ops", ["github_no_such"], 404),
        ("ops", [], 400),
        ("github", ["slack"], 400),
        ("Ops", ["slack"], 400),
    ],
)
async def test_what_does_not_fit_is_refused(site: House, name: str, members: list[str], status: int) -> None:
    assert (await site.change("acme-admin", "POST", f"/toolsets/{name}", members=members)).status == status
    assert (await site.get("acme-admin", "/toolsets"))["toolsets"] == []
