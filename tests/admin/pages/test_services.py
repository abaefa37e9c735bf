"""The pages of services, as they come without a script."""

import re

import pytest

from tests.admin.house import House


async def test_every_service_has_a_card_that_leads_to_its_page(site: House) -> None:
    page = await site.people["acme-viewer"].get("/services?search=git")
    assert page.status == 200
    assert 'href="/services/github"' in page.text
    github = await site.people["acme-viewer"].get("/services/github")
    assert "Repositories, issues, pull requests" in github.text
    assert "npm:@octokit/openapi" in github.text


async def test_the_next_page_keeps_what_was_looked_for(site: House) -> None:
    page = await site.people["acme-viewer"].get("/services/github?search=list&effect=read")
    assert 'rel="next"' in page.text
    assert re.search(r'href="/services/github\?search=list&amp;effect=read&amp;page=2"', page.text)


async def test_a_tool_is_shown_with_signature_and_schema(site: House) -> None:
    page = await site.people["acme-viewer"].get("/tools/github_create_issue")
    assert "github_create_issue(" in page.text
    assert "&#34;properties&#34;" in page.text


@pytest.mark.parametrize("path", ["/services", "/services/github", "/tools/github_create_issue", "/organizations"])
async def test_nobody_is_sent_to_sign_in(site: House, path: str) -> None:
    assert (await site.nobody.get(path)).location == f"/login?next={path}"


async def test_what_does_not_fit_is_told_on_a_page(site: House) -> None:
    page = await site.people["acme-viewer"].get("/services?category=nothing")
    assert (page.status, page.headers["content-type"]) == (400, "text/html; charset=utf-8")


async def test_the_head_offers_what_the_role_reaches_and_marks_where_one_is(site: House) -> None:
    viewer = (await site.people["acme-viewer"].get("/services")).text
    assert '<a href="/services" aria-current="page">' in viewer
    assert 'href="/members"' not in viewer
    assert 'href="/members"' in (await site.people["acme-admin"].get("/services")).text


async def test_the_organizations_of_whoever_asks_are_offered_and_no_others(site: House) -> None:
    page = await site.people["acme-viewer"].get("/organizations")
    assert "acme" in page.text
    assert "other" not in page.text
