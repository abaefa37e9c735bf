"""What organizations' calls taught, looked up once in a while and remembered."""

import time
from collections.abc import Callable
from typing import Final

from trunkline.economy.spent import Books
from trunkline.selection.prior import Prior

SECONDS: Final = 30.0
_ORGANIZATIONS: Final = 256


class Priors:
    """One `Prior` an organization; none sees what another's calls taught."""

    def __init__(self, books: Books, now: Callable[[], float] = time.monotonic) -> None:
        self._books = books
        self._now = now
        self._kept: dict[str, tuple[float, Prior]] = {}

    async def of(self, organization: str) -> Prior:
        until, prior = self._kept.get(organization, (0.0, _NOTHING))
        if self._now() < until:
            return prior
        learned = await self._books.learned(organization)
        prior = Prior(learned.tools, learned.pairs)
        self._kept.pop(organization, None)
        if len(self._kept) >= _ORGANIZATIONS:
            del self._kept[next(iter(self._kept))]
        self._kept[organization] = (self._now() + SECONDS, prior)
        return prior

    def forget(self, organization: str) -> None:
        """What was kept of it has changed."""
        self._kept.pop(organization, None)


_NOTHING: Final = Prior()
