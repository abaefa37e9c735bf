"""The pages of toolsets, as they come without a script."""

from tests.admin.house import House


async def test_an_admin_names_a_toolset_chooses_its_tools_and_saves_it(site: House) -> None:
    admin = site.people["acme-admin"]
    begun = await admin.submit(await admin.get("/toolsets"), "/toolsets", name="release-team")
    assert begun.location == "/toolsets/release-team"
    found = await admin.get("/toolsets/release-team?search=post+a+message+in+slack&member=github_create_issue")
    assert 'value="slack_post_message"' in found.text
    assert "1 tool," in found.text
    given = {"summary": "Releases", "listing": "search", "member": "github_create_issue"}
    saved = await admin.submit(found, "/toolsets/release-team", **given)
    assert saved.location == "/toolsets/release-team"
    seen = await site.people["acme-viewer"].get("/toolsets/release-team")
    assert "https://gw.example/mcp/t/release-team" in seen.text
    assert "claude mcp add" in seen.text
    assert "github_create_issue" in seen.text
    assert "Save</button>" not in seen.text
    assert "Releases" in (await admin.get("/toolsets")).text


async def test_a_deleted_toolset_is_gone_and_another_organization_never_saw_it(site: House) -> None:
    admin = site.people["acme-admin"]
    await site.change("acme-admin", "POST", "/toolsets/ops", members=["github"])
    assert (await site.people["other-viewer"].get("/toolsets/ops")).status == 404
    page = await admin.get("/toolsets/ops")
    assert (await admin.submit(page, "/toolsets/ops/delete")).location == "/toolsets"
    assert "ops</a>" not in (await admin.get("/toolsets")).text


async def test_a_name_or_a_choice_that_does_not_fit_is_refused(site: House) -> None:
    admin = site.people["acme-admin"]
    assert (await admin.submit(await admin.get("/toolsets"), "/toolsets", name="No Name")).status == 400
    assert (await admin.get("/toolsets/ops?search=&member=a/b")).status == 400
