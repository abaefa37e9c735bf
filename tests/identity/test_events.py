"""Administrative acts are written down, for their organization alone, and without secrets."""

from sqlalchemy.ext.asyncio import AsyncEngine

from trunkline.identity.events import Events


async def test_an_act_is_listed_in_its_organization_alone(engine: AsyncEngine):
    events = Events(engine, lambda: 1000.0)
    await events.record("acme", "ann", "session.begin", "ann", detail={"provider": "google"})
    await events.record("other", "eve", "session.begin", "eve")
    (event,) = await events.list("acme")
    assert (event.at, event.actor, event.act, event.target, event.outcome) == (
        1000.0, "ann", "session.begin", "ann", "ok",
    )  # fmt: skip
    assert event.detail == {"provider": "google"}


async def test_events_are_listed_newest_first_and_page_by_page(engine: AsyncEngine):
    events = Events(engine)
    for number in range(5):
        await events.record("acme", "ann", f"act.{number}")
    first = await events.list("acme", limit=2)
    second = await events.list("acme", limit=9, before=first[-1].seq)
    assert [event.act for event in (*first, *second)] == ["act.4", "act.3", "act.2", "act.1", "act.0"]


async def test_a_secret_given_as_detail_is_not_written(engine: AsyncEngine):
    events = Events(engine)
    await events.record("acme", "ann", "token.refused", detail={"token": "canary-1", "why": "Bearer canary-22222"})
    (event,) = await events.list("acme")
    assert "canary" not in str(event)
