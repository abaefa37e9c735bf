"""Lists by pages: one page of what there is, with the numbers that lead on."""

from collections.abc import Sequence
from typing import Any


def paged(items: Sequence[Any], page: int, size: int) -> tuple[tuple[Any, ...], int, int, int]:
    """One page, how many items there are, the page's number, and how many pages."""
    return tuple(items[(page - 1) * size : page * size]), len(items), page, pages_of(len(items), size)


def pages_of(total: int, size: int) -> int:
    """At least one: an empty list has an empty page."""
    return max(1, -(-total // size))
