"""The page of the first steps, as it comes without a script."""

from tests.admin.house import URL, House


async def test_the_key_stands_in_every_clients_line_and_is_not_shown_again(site: House) -> None:
    owner = site.people["acme-owner"]
    page = await owner.get("/start")
    made = await owner.submit(page, "/start", name="My agent")
    key = made.text.partition('<pre id="key">')[2].partition("<")[0]
    assert key.startswith("tl_key_")
    assert made.text.count(key) == 5, "shown, and in the lines of four clients"
    assert f"{URL}/mcp" in made.text
    assert key not in (await owner.get("/start")).text


async def test_a_failed_try_is_told_on_the_page(site: House) -> None:
    member = site.people["acme-member"]
    tried = await member.submit(await member.get("/start"), "/start/call")
    assert "failed: upstream unavailable" in tried.text


async def test_a_key_without_a_name_is_not_made(site: House) -> None:
    owner = site.people["acme-owner"]
    assert (await owner.submit(await owner.get("/start"), "/start", name=" ")).status == 400
