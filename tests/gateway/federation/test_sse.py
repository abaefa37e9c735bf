"""Event streams, however they are cut into pieces."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from trunkline.gateway.federation.sse import SseDecoder

STREAM = (
    b": keep-alive\n\n"
    b'event: message\ndata: {"a":1}\n\n'
    b"id: 7\r\nretry: 100\r\ndata: first\r\ndata: second\r\n\r\n"
    b"data:no blank\r\r"
    b"data: \n\n"
    b"data\n\n"
    b"data: last\n\n"
)
EVENTS = [b'{"a":1}', b"first\nsecond", b"no blank", b"last"]


def test_events_are_their_data() -> None:
    assert SseDecoder().feed(STREAM) == EVENTS


@given(st.lists(st.integers(0, len(STREAM)), max_size=12))
def test_the_cuts_between_chunks_do_not_matter(cuts: list[int]) -> None:
    edges = [0, *sorted(cuts), len(STREAM)]
    decoder = SseDecoder()
    chunks = [STREAM[begin:end] for begin, end in pairwise(edges) if begin < end]
    assert [event for chunk in chunks for event in decoder.feed(chunk)] == EVENTS


def test_what_is_held_back_is_counted() -> None:
    decoder = SseDecoder()
    decoder.feed(b"data: 12345\ndata: 678")
    assert decoder.size == len(b"12345") + len(b"data: 678")
