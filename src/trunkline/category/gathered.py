"""What of a call's pages is shown so far: the first one's surroundings, and the parts of all."""

from typing import Any, Final

from trunkline.category.part import begin, kind_of, length_of, size_of
from trunkline.category.pointer import Step, at, replaced
from trunkline.category.shape import Shaped

_TOO_LITTLE: Final = 20  # a twentieth of the budget: not worth beginning another page


class Gathered:
    """`budget` in bytes of JSON; `limit`: of a list, no more items than that (0: any number)."""

    def __init__(self, budget: int, limit: int) -> None:
        self.notes: dict[str, None] = {}
        self.count = 0
        self._budget = budget
        self._limit = limit
        self._left = budget
        self._parts: Any = None
        self._is_list = False
        self._around: tuple[Any, tuple[Step, ...]] | None = None

    @property
    def wants_more(self) -> bool:
        """Whether a further page would be shown."""
        return self.count < self._limit and self._is_list and self._left > self._budget // _TOO_LITTLE

    @property
    def value(self) -> Any:
        """What is shown: parts inside what stood around them on the first page, or parts alone where that was given."""
        if self._around is None:
            return self._parts
        return replaced(*self._around, self._parts)

    def begin(self, page: Shaped, path: tuple[Step, ...]) -> int:
        """Takes what fits of a first page, of whose value the part at `path` is shown in parts; says how many."""
        self._around = (page.value, path)
        self._left -= size_of(page.value) - size_of(at(page.value, path))
        return self.go_on(page, path, 0)

    def go_on(self, page: Shaped, path: tuple[Step, ...], offset: int) -> int:
        """Takes what fits of the parts behind `offset`; says how many were taken."""
        whole = at(page.value, path)
        wanted = max(self._limit - self.count, 0) if isinstance(whole, list) else 0
        begun = begin(whole, offset, max(self._left, self._budget // _TOO_LITTLE), wanted)
        head: Any = begun.head
        self._parts = [*self._parts, *head] if self._is_list else head
        self._is_list = isinstance(head, list)
        self.count += begun.taken
        self._left -= size_of(head)
        self.notes |= dict.fromkeys(begun.notes)
        end = offset + begun.taken
        if end < length_of(whole):
            place = f"`{'.'.join(map(str, path))}`: " if path else ""
            self.notes[f"{place}{kind_of(whole)} {offset + 1}-{end} of {length_of(whole)}"] = None
        return begun.taken
