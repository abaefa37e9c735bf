"""Finds out how an operation gives its further pages, from the names of its arguments and of its answer's members.

Only what both sides say counts: an argument that takes a position, and an answer that gives one or holds a list.
"""

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from trunkline.catalog.manifest import Manifest, PagingEdit, ToolEdit
from trunkline.compiler import scalars
from trunkline.compiler.node import Node, nodes
from trunkline.compiler.paging_words import (
    BESIDE,
    CURSORS,
    GIVEN,
    GIVEN_BELOW,
    LINKS,
    LISTS,
    MORE,
    OFFSETS,
    PAGE_TOTALS,
    PAGES,
    SAME,
    SIZES,
    TOTALS,
)
from trunkline.compiler.response import Response
from trunkline.contract import Body, Paging, PagingStrategy, Parameter

_NOT_ALPHANUMERIC = re.compile(r"[^a-z0-9]+")
_OPAQUE = re.compile(r"cursor|token|marker|offset|bookmark|startingafter")  # never an address
_OF_PAGES = re.compile(r"pag|cursor|meta|next", re.IGNORECASE)
_AT_ZERO = re.compile(r"zero|0[- ]based|(?:start|begin)\w* (?:at|from|with) 0|first page is 0", re.IGNORECASE)
_AT_ONE = re.compile(r"1[- ]based|one[- ]based|(?:start|begin)\w* (?:at|from|with) 1\b", re.IGNORECASE)


@dataclass(frozen=True)
class Given:
    """One argument that may take a position: `plain` is its name without case and punctuation."""

    argument: str
    plain: str
    schema: Node

    @property
    def is_number(self) -> bool:
        return not scalars.types(self.schema).isdisjoint(("integer", "number"))

    @property
    def is_text(self) -> bool:
        return "string" in (scalars.types(self.schema) or ("string",))


def arguments_of(parameters: Iterable[Parameter], body: Body | None, schema: Node) -> list[Given]:
    """Of the query and the body; required ones too, as some services want the first page said."""
    properties = nodes(schema, "properties")
    pairs = [(each.argument, each.name) for each in parameters if each.location == "query"]
    pairs += [(each.argument, each.name) for each in body.fields] if body else []
    return [Given(argument, plain(name), properties.get(argument, {})) for argument, name in pairs]


def may_page(given: Sequence[Given]) -> bool:
    return any(each.plain in _EVERY for each in given)


def plain(name: str) -> str:
    return _NOT_ALPHANUMERIC.sub("", name.lower())


_EVERY = frozenset((*CURSORS, *PAGES, *OFFSETS, *SIZES))


def detect(given: Sequence[Given], response: Response, path: str) -> Paging | None:
    """The strategy, None where there is none or it cannot be told. `path` is the operation's, without query."""
    found = _Finder(given, response, path)
    return (
        found.cursor()
        or found.last_item()
        or found.next_link()
        or found.link_header()
        or found.page()
        or found.offset()
    )


class _Finder:
    def __init__(self, given: Sequence[Given], response: Response, path: str) -> None:
        self._given = {each.plain: each for each in reversed(given)}
        self._response = response
        self._path = path
        self._items = self._list()
        self._size = self._first(SIZES, numbers=True)

    def cursor(self) -> Paging | None:
        for name in CURSORS:
            argument = self._given.get(name)
            if argument is None or (name in ("offset", "page", "start", "first") and argument.is_number):
                continue
            place = self._next_value(name)
            if place is not None:
                return self._paging(PagingStrategy.CURSOR, (argument.argument,), (place,))
        return None

    def last_item(self) -> Paging | None:
        """Stripe and those that follow it: the id of the last item, and a word on whether there are more."""
        argument = self._given.get("startingafter")
        if argument is None or self._items is None or not self._pointer(MORE, "boolean"):
            return None
        return self._paging(PagingStrategy.LAST_ITEM, (argument.argument,), (f"{self._items}/-1/id",))

    def next_link(self) -> Paging | None:
        for pointer in self._response.members:
            steps = [plain(step) for step in pointer.split("/")[1:]]
            names = (steps[-1], "".join(steps[-2:]), "".join(steps[-3:])) if steps else ()
            if any(name in LINKS for name in names) and self._response.typed(pointer, "string"):
                return self._paging(PagingStrategy.NEXT_LINK, (), (pointer,))
        root = self._response.members.get("/next")
        if root is not None and self._items is not None and self._is_url(root):
            return self._paging(PagingStrategy.NEXT_LINK, (), ("/next",))
        return None

    def link_header(self) -> Paging | None:
        if "link" not in self._response.headers or not self._given:
            return None
        return self._paging(PagingStrategy.LINK_HEADER, (), ())

    def page(self) -> Paging | None:
        argument = self._first(PAGES)
        if argument is None or (self._items is None and not self._untold):
            return None
        return self._paging(PagingStrategy.PAGE, (argument.argument,), (), _first_number(argument, 1))

    def offset(self) -> Paging | None:
        argument = self._first(OFFSETS, numbers=True)
        if argument is None or argument == self._size or (self._items is None and not self._untold):
            return None
        if argument.plain in ("from", "start", "first") and self._size is None:
            return None  # a date, or a count
        return self._paging(PagingStrategy.OFFSET, (argument.argument,), (), _first_number(argument, 0))

    def _paging(self, strategy: PagingStrategy, send: tuple[str, ...], next: tuple[str, ...], first: int = 0) -> Paging:
        size = self._size if self._size is None or self._size.argument not in send else None
        counts = strategy in (PagingStrategy.PAGE, PagingStrategy.OFFSET)
        schema = {} if size is None else size.schema
        return Paging(
            strategy,
            send,
            next,
            items=self._items,
            more=self._pointer(MORE, "boolean"),
            total=self._pointer(TOTALS, "integer", "number") if counts else "",
            pages=self._pointer(PAGE_TOTALS, "integer", "number") if strategy is PagingStrategy.PAGE else "",
            size="" if size is None else size.argument,
            default=_whole(schema.get("default")),
            most=_whole(schema.get("maximum")),
            first=first,
        )

    def _first(self, names: Iterable[str], *, numbers: bool = False) -> Given | None:
        found = (self._given[name] for name in names if name in self._given)
        return next((each for each in found if each.is_number or not numbers), None)

    def _pointer(self, names: Sequence[str], *kinds: str) -> str:
        """The shallowest member with one of `names`, "" for none."""
        for pointer in self._response.members:
            if plain(pointer.rpartition("/")[2]) in names and self._response.typed(pointer, *kinds):
                return pointer
        return ""

    def _next_value(self, sent: str) -> str | None:
        """Where the answer says what goes into the argument called `sent`, the likeliest place first."""
        ranked = [(rank, pointer) for pointer in self._response.members if (rank := self._rank(pointer, sent))]
        return min(ranked, default=(0, None))[1]

    def _rank(self, pointer: str, sent: str) -> int:
        """0: it is not there. The lower, the likelier."""
        parent, _, last = pointer.rpartition("/")
        name = plain(last)
        if not self._response.typed(pointer, "string", "integer", "number"):
            return 0
        if name in (f"next{sent}", f"next{sent.removeprefix('next')}", f"next{sent.removeprefix('page')}"):
            return 1
        if _OPAQUE.search(name) is None and self._is_url(self._response.members[pointer]):
            return 0
        if name in GIVEN:
            return 2
        if name in GIVEN_BELOW and _OF_PAGES.search(parent):
            return 3 if "next" in parent or name.startswith("next") else 4
        return 5 if name == sent and name in SAME else 0

    def _is_url(self, schema: Node) -> bool:
        if schema.get("format") in ("uri", "url", "uri-reference"):
            return True
        text = f"{schema.get('description', '')} {schema.get('example', '')}".lower()
        return "url" in text or "link" in text or "http" in text or "/previous" in self._response.members

    @property
    def _untold(self) -> bool:
        """Whether nothing is said of the answer, but there is a size of pages: then its largest list is paged."""
        return len(self._response.members) <= 1 and not self._response.members.get("", {}) and self._size is not None

    def _list(self) -> str | None:
        """Where the items are: the answer itself, its only list, or the list with the name of all lists."""
        lists = {at: item for at, item in self._response.lists.items() if plain(at.rpartition("/")[2]) not in BESIDE}
        for depth in range(4):
            here = [pointer for pointer in lists if pointer.count("/") == depth]
            if len(here) == 1:
                return here[0]
            named = {plain(pointer.rpartition("/")[2]): pointer for pointer in here}
            wanted = (*LISTS, plain(self._path.rstrip("/").rpartition("/")[2]))
            found = next((named[name] for name in wanted if name in named), None)
            if found is not None:
                return found
            things = [pointer for pointer in here if "properties" in lists[pointer] or "$ref" in lists[pointer]]
            if here:
                return things[0] if len(things) == 1 else None
        return None


def _whole(value: object) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 < value < 2**31 - 1 else 0


def _first_number(argument: Given, usual: int) -> int:
    """The number of the first page or item, from the default or what is said of it."""
    schema = argument.schema
    default = schema.get("default")
    if isinstance(default, int) and default in (0, 1):
        return default
    said = str(schema.get("description", ""))
    if _AT_ZERO.search(said) or (usual == 1 and schema.get("minimum") == 0):
        return 0
    return 1 if _AT_ONE.search(said) else usual


_LINKED = (PagingStrategy.LINK_HEADER, PagingStrategy.NEXT_LINK)  # an answer without a link is the last page


def settled(found: Paging | None, edit: ToolEdit, manifest: Manifest, arguments: Collection[str]) -> Paging | None:
    """As the manifest says of the tool, or of the service where the tool has its arguments; else as it was found."""
    if edit.paging == "none":
        return None
    usual = manifest.paging
    fits = usual is not None and set(usual.send) <= set(arguments) and (usual.send or usual.strategy in _LINKED)
    said = edit.paging or (usual if fits else None)
    return found if said is None else _edited(said, found or Paging(said.strategy), arguments)


def _edited(edit: PagingEdit, base: Paging, arguments: Collection[str]) -> Paging:
    """What the manifest says, and for the rest what was found."""
    same = base.strategy is edit.strategy
    size = edit.size if edit.size in arguments else base.size
    return Paging(
        edit.strategy,
        edit.send or (base.send if same else ()),
        edit.next or (base.next if same else ()),
        items=base.items if edit.items is None else edit.items,
        more=edit.more or base.more,
        total=edit.total or base.total,
        pages=base.pages,
        size=size,
        default=base.default if size == base.size else 0,
        most=edit.most or base.most,
        first=base.first if edit.first is None else edit.first,
    )
