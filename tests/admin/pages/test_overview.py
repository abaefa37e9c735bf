"""The page of what happens now, and its stream."""

import asyncio

from tests.admin.house import House
from tests.support.browser import Page
from tests.support.wait import until_async
from trunkline.admin.news import MOST_OF_ONE
from trunkline.infra.tasks import Tasks

LIVE = "/overview/live"


async def follows(site: House, count: int = 1) -> None:
    async def there() -> bool:
        return len(site.news) == count

    await until_async(there, 5, f"{count} streams")


async def test_it_shows_traffic_servers_and_that_nothing_is_to_be_done(site: House) -> None:
    page = await site.people["acme-admin"].get("/overview")
    assert "Calls per minute" in page.text
    assert "in process" in page.text
    assert "every connection renews itself" in page.text


async def test_a_stream_ends_with_its_session(site: House) -> None:
    tasks, admin = Tasks(), site.people["acme-admin"]
    stream: asyncio.Task[Page] = tasks.start(admin.get(LIVE), "stream")
    await follows(site)
    await admin.submit(await admin.get("/overview"), "/logout")
    ended = await asyncio.wait_for(stream, 10)
    assert ended.headers["content-type"] == "text/event-stream"
    assert ended.text.startswith("event: part\ndata: <")
    assert ended.text.endswith("event: end\ndata: .\n\n")


async def test_a_stream_ends_when_its_user_is_no_admin_any_more(site: House) -> None:
    tasks = Tasks()
    stream: asyncio.Task[Page] = tasks.start(site.people["acme-admin"].get(LIVE), "stream")
    await follows(site)
    await site.identity.members.set_role(await site.who("acme-owner"), "acme-admin", "member")
    assert "event: end" in (await asyncio.wait_for(stream, 10)).text


async def test_a_client_that_leaves_and_a_server_that_stops_leave_no_stream_behind(site: House) -> None:
    tasks = Tasks()
    tasks.start(site.people["acme-admin"].get(LIVE), "one that leaves")
    await follows(site)
    await tasks.close()
    await follows(site, 0)
    stays: asyncio.Task[Page] = tasks.start(site.people["acme-admin"].get(LIVE), "one that stays")
    await follows(site)
    site.news.leave()
    assert "event: end" not in (await asyncio.wait_for(stays, 10)).text


async def test_one_user_has_so_many_streams_and_no_more(site: House) -> None:
    tasks, admin = Tasks(), site.people["acme-admin"]
    for _ in range(MOST_OF_ONE):
        tasks.start(admin.get(LIVE), "stream")
    await follows(site, MOST_OF_ONE)
    assert (await admin.get(LIVE)).status == 503
    await tasks.close()


async def test_it_is_for_admins(site: House) -> None:
    for path in ("/overview", LIVE):
        assert (await site.people["acme-member"].get(path)).status == 403
