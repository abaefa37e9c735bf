"""The playground, as it comes without a script."""

from tests.admin.house import House

ASK = "/playground?ask=post+a+message+in+slack"
ISSUE = "/playground?tool=github_create_issue"


async def test_the_page_asks_first_and_then_ranks_with_the_reasons_and_a_form_for_the_best(site: House) -> None:
    viewer = site.people["acme-viewer"]
    assert "What an agent would ask" in (await viewer.get("/playground")).text
    page = (await viewer.get(ASK)).text
    assert "slack_post_message" in page
    assert 'aria-label="Why slack_' in page
    assert "phrases</span>" in page
    assert "As an agent reads it" in page
    assert 'name="argument.' in page
    assert "The sandbox answers" in page


async def test_a_form_that_does_not_fit_says_so_and_keeps_what_was_written(site: House) -> None:
    member = site.people["acme-member"]
    given = {"tool": "github_create_issue", "argument.owner": "acme & sons", "others": "[1]"}
    answer = await member.submit(await member.get(ISSUE), "/playground/call", **given)
    assert "Other arguments: a JSON object is expected." in answer.text
    assert "acme &amp; sons" in answer.text


async def test_a_change_without_the_ticked_box_is_not_made(site: House) -> None:
    member = site.people["acme-member"]
    answer = await member.submit(await member.get(ISSUE), "/playground/call", tool="github_create_issue")
    assert "Not done: policy denied." in answer.text


async def test_a_service_that_is_not_connected_is_told(connecting: House) -> None:
    member = connecting.people["acme-member"]
    page = await member.get("/playground?tool=stripe_list_customers")
    answer = await member.submit(page, "/playground/call", tool="stripe_list_customers")
    assert "Not done: needs connection." in answer.text


async def test_what_is_asked_and_answered_is_never_markup(site: House) -> None:
    page = await site.people["acme-viewer"].get("/playground?ask=%3Cscript%3Ealert(1)%3C/script%3E+slack+message")
    assert page.status == 200
    assert "<script>alert" not in page.text


async def test_what_is_no_request_and_no_tool_is_refused(site: House) -> None:
    viewer = site.people["acme-viewer"]
    assert (await viewer.get("/playground?tool=a/b")).status == 400
    assert (await viewer.get("/playground?tool=github_no_such")).status == 404
    assert (await viewer.submit(await viewer.get(ISSUE), "/playground/call", tool="")).status == 400
