"""Waiting for the thing itself, with a bound: a multiple of what it takes, for machines that do much besides."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")
_PAUSE = 0.02  # seconds between two looks
_PATIENCE = 4  # how much longer a busy machine may take than a quiet one


def until(look: Callable[[], T], seconds: float, what: str) -> T:
    """The first truthy answer of `look`. Raises TimeoutError naming `what` was waited for."""
    end = time.monotonic() + _PATIENCE * seconds
    while not (seen := look()):
        if time.monotonic() > end:
            raise TimeoutError(f"{what}: not within {_PATIENCE * seconds:g} s")
        time.sleep(_PAUSE)
    return seen


async def until_async(look: Callable[[], Awaitable[T]], seconds: float, what: str) -> T:
    """As `until`, for a look that must be awaited, or while the event loop has to go on."""
    end = time.monotonic() + _PATIENCE * seconds
    while not (seen := await look()):
        if time.monotonic() > end:
            raise TimeoutError(f"{what}: not within {_PATIENCE * seconds:g} s")
        await asyncio.sleep(_PAUSE)
    return seen
