"""Charts as shapes."""

from trunkline.admin.api.audit import Stage
from trunkline.admin.api.traffic import Minute
from trunkline.admin.pages.chart import bars, waterfall


def test_the_busiest_minute_has_the_full_height_and_failures_their_part_of_it() -> None:
    chart = bars([Minute(0.0, 4, 1), Minute(60.0, 2, 0), Minute(120.0, 0, 0)])
    assert (chart.top, chart.width) == (4, 36)
    assert [(bar.y, bar.height, bar.failed) for bar in chart.bars] == [(0, 100, 25), (50, 50, 0), (100, 0, 0)]
    assert chart.bars[0].title == "00:00: 4 calls, 1 failed"


def test_without_calls_there_are_no_bars_to_see() -> None:
    assert all(bar.height == 0 for bar in bars([Minute(0.0, 0, 0)]).bars)


def test_each_stage_begins_where_the_one_before_it_ends_and_none_is_too_thin_to_see() -> None:
    steps = waterfall([Stage("allow", 0.0, 1.0), Stage("record", 1.0, 0.0), Stage("upstream", 1.0, 3.0)])
    assert [(step.x, step.width) for step in steps] == [(0, 250), (250, 2), (250, 750)]


def test_without_stages_there_is_nothing_to_draw() -> None:
    assert waterfall([]) == ()
