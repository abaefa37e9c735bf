"""A call's answer out of as many pages as it takes: what is shown, what is left, and the cursor that leads there.

position -> ask -> shape -> the parts that fit -> next page, while more is wanted and time and budget last
"""

import time
from collections.abc import Awaitable, Callable
from typing import Final

import msgspec

from trunkline.category import cursor, paging
from trunkline.category.cursor import Position, Query, Scalar
from trunkline.category.encode import Json
from trunkline.category.gathered import Gathered
from trunkline.category.part import length_of, main_path, size_of
from trunkline.category.pointer import Step, at
from trunkline.category.shape import Shaped, Shaper
from trunkline.category.upstream import Answer
from trunkline.contract import AllowedCall, Effect, InvalidArguments, ToolResult, View

Arguments = dict[str, Json]
Ask = Callable[[Arguments, Query], Awaitable[Answer]]
"""One exchange with the service: arguments, and what the query must say besides. Only good answers, without secrets."""

MOST_PAGES: Final = 50
BYTES_A_TOKEN: Final = 4
_LEAST_SECONDS: Final = 1.0  # for one more page
_NO_VIEW: Final = View()
_WITHOUT: Final = "Call again without the cursor."


class Pages:
    """Reads the answers of one call."""

    def __init__(self, ask: Ask, shaper: Shaper, arguments: Arguments, call: AllowedCall) -> None:
        self._ask = ask
        self._shaper = shaper
        self._paging = shaper.spec.paging
        self._arguments = arguments
        self._call = call
        self._view = call.view or _NO_VIEW
        self._budget = self._view.tokens * BYTES_A_TOKEN or shaper.budget
        self._repeatable = call.effect is Effect.READ  # what may change something is not done again for its answer

    async def read(self) -> ToolResult:
        """Raises what asking raises, and InvalidArguments for a cursor that does not fit."""
        position = self._start()
        arguments = self._at(position)
        answer = await self._ask(arguments, position.query)
        if self._paging is None and self._view is _NO_VIEW:
            result = self._shaper.quick(answer)
            if result is not None:
                return result
        page = self._shaper.shaped(answer, self._view.fields)
        if isinstance(page, ToolResult):
            return page
        following = self._following(answer, page, position, arguments)
        if not position.offset and not self._view.limit:
            text = page.text_of(page.value)
            if len(text) <= self._budget:
                return self._result(page, text, following)
        return await self._gather(page, position, following)

    async def _gather(self, page: Shaped, position: Position, following: Position | None) -> ToolResult:
        gathered = Gathered(self._budget, self._view.limit)
        rest = self._begin(gathered, page, position)
        pages, began = 1, time.time()
        while rest is None and following is not None and gathered.wants_more and pages < MOST_PAGES:
            each = (time.time() - began) / pages + _LEAST_SECONDS
            if time.time() + each > self._call.deadline:
                break
            position, arguments = following, self._at(following)
            answer = await self._ask(arguments, position.query)
            further = self._shaper.shaped(answer, self._view.fields)
            if isinstance(further, ToolResult) or (path := paging.items_of(self._paging, further.value)) is None:
                following = None  # no list any more: that was the last
                break
            following = self._following(answer, further, position, arguments)
            rest = self._rest(gathered.go_on(further, path, 0), further, path, position)
            pages += 1
        return self._result(page, page.text_of(gathered.value), rest or following, (*gathered.notes,))

    def _begin(self, gathered: Gathered, page: Shaped, position: Position) -> Position | None:
        """Takes from the first page; where its rest begins."""
        if not position.offset:
            path = self._parts_of(page)
            return self._rest(gathered.begin(page, path), page, path, position)
        if length_of(at(page.value, position.path)) <= position.offset:
            raise InvalidArguments("there is nothing at the cursor any more", _WITHOUT)
        taken = gathered.go_on(page, position.path, position.offset)
        return self._rest(taken, page, position.path, position)

    def _rest(self, taken: int, page: Shaped, path: tuple[Step, ...], position: Position) -> Position | None:
        end = taken + position.offset
        if end >= length_of(at(page.value, path)):
            return None
        return Position(position.arguments, position.query, path, end)

    def _parts_of(self, page: Shaped) -> tuple[Step, ...]:
        """Where in a page's answer the list, object or text stands that is given in parts."""
        path = paging.items_of(self._paging, page.value)
        if path is not None and self._view.limit:
            return path
        whole = size_of(page.value)
        if path is not None and whole - size_of(at(page.value, path)) <= self._budget // 2:
            return path
        return main_path(page.value, self._budget) if whole > self._budget else ()

    def _start(self) -> Position:
        view, how = self._view, self._paging
        if view.cursor:
            if not self._repeatable:
                raise InvalidArguments("only what reads can be gone on with", _WITHOUT)
            position = cursor.read(view.cursor, self._call.tool, self._arguments)
            paging.check(how, position)
            return position
        if view.limit and how is not None and how.size and how.most and how.size not in self._arguments:
            sized: dict[str, Scalar] = {how.size: min(view.limit, how.most)}
            return Position(sized)
        return _BEGINNING

    def _at(self, position: Position) -> Arguments:
        return {**self._arguments, **position.arguments} if position.arguments else self._arguments

    def _following(self, answer: Answer, page: Shaped, position: Position, arguments: Arguments) -> Position | None:
        if self._paging is None or not self._repeatable or page.plain:
            return None
        return paging.next_page(self._paging, answer, page.raw, position, arguments)

    def _result(self, page: Shaped, text: str, rest: Position | None, notes: tuple[str, ...] = ()) -> ToolResult:
        result = page.result(text, notes)
        if rest is None:
            return result
        if not self._repeatable:
            lost = "the rest is not shown: read it with a tool that reads"
            return msgspec.structs.replace(page.result(text, (*notes, lost)), truncated=True)
        leads_on = cursor.write(rest, self._call.tool, self._arguments)
        return msgspec.structs.replace(result, truncated=True, cursor=leads_on)


_BEGINNING: Final = Position()
