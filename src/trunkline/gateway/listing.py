"""tools/list as bytes: the pages of a toolset, built once and kept as long as its tools are the same."""

from hashlib import blake2b
from typing import Final

from trunkline.contract import InvalidArguments
from trunkline.gateway.answer import Answers
from trunkline.gateway.toolset import Toolset, Toolsets
from trunkline.selection.estimate import tokens_of

_KEPT: Final = 64  # listings; more toolsets than that and the oldest is built again


class Listing:
    """The pages of one list. A cursor names the list it belongs to, so a stale one is told from a good one."""

    def __init__(self, definitions: tuple[bytes, ...], page: int, answers: Answers) -> None:
        self._mark = blake2b(b"\n".join(definitions), digest_size=6).hexdigest()
        self._pages = [definitions[at : at + page] for at in range(0, len(definitions), page)] or [()]
        self._answers = answers
        self.tokens = sum(map(tokens_of, definitions))
        self._results: dict[tuple[int, bool], bytes] = {}

    def page(self, cursor: str | None, *, modern: bool) -> bytes:
        """The JSON text of a ListToolsResult. Raises InvalidArguments for a cursor that is not of this list."""
        number = 0 if cursor is None else self._number(cursor)
        result = self._results.get((number, modern))
        if result is None:
            result = self._results[number, modern] = self._result(number, modern=modern)
        return result

    def _number(self, cursor: str) -> int:
        mark, _, number = cursor.partition(".")
        if mark != self._mark or not number.isdecimal() or not 0 < int(number) < len(self._pages):
            raise InvalidArguments("Invalid cursor", "List again from the start.")
        return int(number)

    def _result(self, number: int, *, modern: bool) -> bytes:
        body = b'"tools":[%b]' % b",".join(self._pages[number])
        if number + 1 < len(self._pages):
            body += b',"nextCursor":"%b.%d"' % (self._mark.encode(), number + 1)
        return self._answers.listed(body) if modern else b"{%b}" % body


class Listings:
    """The listings of all toolsets."""

    def __init__(self, toolsets: Toolsets, page: int, answers: Answers) -> None:
        self._toolsets = toolsets
        self._page = page
        self._answers = answers
        self._kept: dict[tuple[Toolset, bool], tuple[tuple[object, ...], Listing]] = {}

    async def tokens(self, toolset: Toolset, client: str) -> int:
        """What such a client's menu takes, about."""
        return (await self.of(toolset, client)).tokens

    async def of(self, toolset: Toolset, client: str) -> Listing:
        """What a client that calls itself `client` is shown."""
        key = (toolset, self._toolsets.is_searched(toolset, client))
        stamp = self._toolsets.stamp()
        kept = self._kept.get(key)
        if kept is not None and kept[0] == stamp:
            return kept[1]
        definitions = await self._toolsets.definitions(toolset, searched=key[1])
        listing = Listing(definitions, self._page, self._answers)
        if len(self._kept) >= _KEPT:
            del self._kept[next(iter(self._kept))]
        self._kept[key] = (stamp, listing)
        return listing
