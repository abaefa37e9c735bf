"""A tool and what stands around it as shapes: on the left what it needs, on the right what needs it."""

from collections.abc import Sequence
from typing import Final, Literal

import msgspec

from trunkline.admin.api.playground import Around

Place = Literal["needs", "centre", "feeds"]

_WIDTH: Final = 262  # of a box
_HEIGHT: Final = 30
_GAP: Final = 56  # between columns
_STEP: Final = 42  # from row to row
_MARGIN: Final = 4
_LABEL: Final = 33  # characters
_FEEDS: Final = 8  # boxes on the right: with what is needed, three at most, a dozen in all


class Box(msgspec.Struct, frozen=True):
    """`x` and `y` are its upper left corner."""

    tool: str
    label: str
    place: Place
    x: int
    y: float


class Drawing(msgspec.Struct, frozen=True):
    """`arrows` are the data of paths. `more` tools that need this one are not drawn."""

    boxes: tuple[Box, ...]
    arrows: tuple[str, ...]
    width: int
    height: int
    box_width: int
    box_height: int
    more: int


def drawing(around: Around) -> Drawing | None:
    """None where the tool stands alone."""
    if not (around.needs or around.feeds):
        return None
    feeds = around.feeds[:_FEEDS]
    columns: list[tuple[Place, Sequence[str]]] = [("needs", around.needs), ("centre", (around.tool,)), ("feeds", feeds)]
    columns = [column for column in columns if column[1]]
    rows = max(len(tools) for _, tools in columns)
    boxes = [box for n, (place, tools) in enumerate(columns) for box in _column(n, place, tools, rows)]
    centre = next(box for box in boxes if box.place == "centre")
    arrows = tuple(_arrow(box, centre) for box in boxes if box is not centre)
    width = len(columns) * (_WIDTH + _GAP) - _GAP + 2 * _MARGIN
    height = (rows - 1) * _STEP + _HEIGHT + 2 * _MARGIN
    return Drawing(tuple(boxes), arrows, width, height, _WIDTH, _HEIGHT, len(around.feeds) - len(feeds))


def _column(number: int, place: Place, tools: Sequence[str], rows: int) -> list[Box]:
    """Half-way down of what the longest column takes."""
    top = _MARGIN + (rows - len(tools)) * _STEP / 2
    x = _MARGIN + number * (_WIDTH + _GAP)
    return [Box(tool, _label(tool), place, x, top + n * _STEP) for n, tool in enumerate(tools)]


def _label(tool: str) -> str:
    """Without the service, which is the same for all."""
    name = tool.partition("_")[2] or tool
    return name if len(name) <= _LABEL else name[: _LABEL - 1] + "…"


def _arrow(box: Box, centre: Box) -> str:
    first, second = (box, centre) if box.place == "needs" else (centre, box)
    x, y, end, to = first.x + _WIDTH, first.y + _HEIGHT / 2, second.x - 6, second.y + _HEIGHT / 2
    middle = (x + end) / 2
    return f"M{x} {y}C{middle} {y} {middle} {to} {end} {to}"
