"""Charts as shapes: what a template draws as inline SVG, without a script."""

import time
from collections.abc import Sequence
from typing import Final

import msgspec

from trunkline.admin.api.audit import Stage
from trunkline.admin.api.traffic import Minute

WIDTH: Final = 12  # of a bar with its gap
HEIGHT: Final = 100


class Bar(msgspec.Struct, frozen=True):
    """One minute: the whole bar from `y` down, the failed part of it the first `failed` of its height."""

    x: int
    y: float
    height: float
    failed: float
    title: str


class Bars(msgspec.Struct, frozen=True):
    """`top` is what the full height stands for."""

    bars: tuple[Bar, ...]
    top: int
    width: int
    height: int = HEIGHT


def bars(minutes: Sequence[Minute]) -> Bars:
    """Calls by minutes, those that failed on top."""
    top = max((minute.calls for minute in minutes), default=0)
    scale = HEIGHT / top if top else 0.0
    return Bars(tuple(_bar(n, minute, scale) for n, minute in enumerate(minutes)), top, WIDTH * len(minutes))


class Step(msgspec.Struct, frozen=True):
    """A part of a call's time: where it lies, in thousandths of the whole."""

    name: str
    x: float
    width: float
    ms: float


def waterfall(stages: Sequence[Stage]) -> tuple[Step, ...]:
    """One below the other, each where the one before it ends."""
    whole = max((stage.begins + stage.lasts for stage in stages), default=0.0) or 1.0
    return tuple(_step(stage, 1000 / whole) for stage in stages)


def _step(stage: Stage, scale: float) -> Step:
    width = max(stage.lasts * scale, 2.0)  # thinner cannot be seen
    return Step(stage.name, round(min(stage.begins * scale, 1000 - width), 2), round(width, 2), stage.lasts)


def _bar(n: int, minute: Minute, scale: float) -> Bar:
    height, failed = round(minute.calls * scale, 2), round(minute.failed * scale, 2)
    at = time.strftime("%H:%M", time.gmtime(minute.at))
    title = f"{at}: {minute.calls} calls, {minute.failed} failed"
    return Bar(n * WIDTH, HEIGHT - height, height, failed, title)
