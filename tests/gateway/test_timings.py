"""Where the time of calls went."""

from trunkline.gateway.timings import Stages, Timings


def test_the_latest_calls_are_kept_and_the_oldest_make_room() -> None:
    timings = Timings(most=1)
    for call in ("a", "b", "c"):
        timings.note(call, Stages(1.0, 2.0, 3.0, 4.0))
    assert timings.of("a") is None
    assert timings.of("b") == timings.of("c") == Stages(1.0, 2.0, 3.0, 4.0)
