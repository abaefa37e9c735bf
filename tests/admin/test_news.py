"""Streams of events."""

import pytest

from trunkline.admin.news import News, event
from trunkline.contract import Overloaded


async def nothing() -> bytes | None:
    return None


def test_an_event_has_each_line_of_its_content() -> None:
    assert event(b"<p>\n a</p>\n") == b"event: part\ndata: <p>\ndata:  a</p>\n\n"


async def test_there_are_only_so_many_streams_and_one_that_ended_makes_room() -> None:
    news = News(most=1)

    async def always() -> bytes | None:
        return b"now"

    first = news.follow("ann", always).stream
    assert first is not None
    await anext(first)
    with pytest.raises(Overloaded):
        news.follow("bob", always)
    await first.aclose()
    assert len(news) == 0
    news.follow("bob", nothing)
