"""Where the next page of an answer is, as the tool's `Paging` says, and how a request gets there."""

import re
from collections.abc import Mapping
from typing import Any, Final, cast
from urllib.parse import quote, unquote_plus, urlsplit

import msgspec

from trunkline.category.cursor import Position, Query, Scalar
from trunkline.category.encode import Json
from trunkline.category.fields import HAL_EMBEDDED
from trunkline.category.pointer import at, found, steps_of
from trunkline.category.upstream import Answer
from trunkline.contract import InvalidArguments, Paging, PagingStrategy

# A link's query may set what says where a page is, and never who is asking.
_SAYS_PAGE: Final = re.compile(
    r"page|cursor|offset|skip|start|after|before|since|marker|next|continu|scroll|bookmark|position|token|last|from"
    r"|limit|size|count|top|per_",
    re.IGNORECASE,
)
_NEVER: Final = re.compile(r"access|auth|secret|sudo|passw|private|api_?key|signature|session|^token$", re.IGNORECASE)
_LINK: Final = re.compile(r"<([^<>]*)>((?:\s*;\s*[\w*!#$&+.^`|~-]+\s*(?:=\s*(?:\"[^\"]*\"|[^\s;,\"]*))?)*)")
_NEXT: Final = re.compile(r";\s*rel\s*=\s*(?:\"(?:[^\"]*\s)?next(?:\s[^\"]*)?\"|next\b)", re.IGNORECASE)
_AS_CURSOR: Final = (PagingStrategy.CURSOR, PagingStrategy.LAST_ITEM)
_AS_LINK: Final = (PagingStrategy.LINK_HEADER, PagingStrategy.NEXT_LINK)


def items_of(paging: Paging | None, value: Any) -> tuple[str, ...] | None:
    """Where the list of items stands in `value`, None if it cannot be told."""
    if paging is not None and paging.items is not None:
        steps = steps_of(paging.items)
        unwrapped = tuple(step for step in steps if step != HAL_EMBEDDED)  # as shaping leaves it
        return next((path for path in (steps, unwrapped) if isinstance(at(value, path), list)), None)
    if isinstance(value, list):
        return ()
    if not isinstance(value, dict):
        return None
    members = cast("dict[str, Any]", value)
    lists = [name for name, inner in members.items() if isinstance(inner, list)]
    return max(((name,) for name in lists), key=lambda path: len(members[path[0]]), default=None)


def next_page(
    paging: Paging, answer: Answer, value: Any, position: Position, arguments: Mapping[str, Json]
) -> Position | None:
    """Where the page after this one is: None after the last, or where the service repeats itself.

    `value` is the answer's JSON as it came; `arguments` are those that led to it, the position's among them.
    """
    if paging.more and found(value, paging.more) is False:
        return None
    if paging.strategy in _AS_LINK:
        query = _linked(paging, answer, value)
        same = not query or query == position.query
        return None if same else msgspec.structs.replace(_page(position), query=query)
    moved = _moved(paging, value, arguments)
    if not moved or all(arguments.get(name) == to for name, to in moved.items()):
        return None
    return msgspec.structs.replace(_page(position), arguments={**position.arguments, **moved})


def _page(position: Position) -> Position:
    return Position(position.arguments, position.query)


def _moved(paging: Paging, value: Any, arguments: Mapping[str, Json]) -> dict[str, Scalar]:
    """The arguments that lead to the next page."""
    if paging.strategy in _AS_CURSOR:
        values = {name: found(value, pointer) for name, pointer in zip(paging.send, paging.next, strict=True)}
        return {name: to for name, to in values.items() if isinstance(to, str | int | float) and to is not False}
    path = items_of(paging, value)
    count = 0 if path is None else len(at(value, path))
    asked = arguments.get(paging.send[0])
    here = asked if isinstance(asked, int) else paging.first
    if not count or _is_last(paging, value, arguments, here - paging.first, count):
        return {}
    return {paging.send[0]: here + (count if paging.strategy is PagingStrategy.OFFSET else 1)}


def _is_last(paging: Paging, value: Any, arguments: Mapping[str, Json], passed: int, count: int) -> bool:
    """Whether a page with `count` items, after `passed` pages or items, ends the list.

    Where it is not known it is not the last: the empty page after it will say so. A service may give fewer items than
    asked for, so that alone says nothing unless its limit is known.
    """
    asked = arguments.get(paging.size) if paging.size else None
    size = min(asked, paging.most) if isinstance(asked, int) and paging.most else 0 if asked else paging.default
    pages, total = _number(value, paging.pages), _number(value, paging.total)
    if pages is not None and paging.strategy is PagingStrategy.PAGE:
        return passed + 1 >= pages
    if total is not None:
        before = passed if paging.strategy is PagingStrategy.OFFSET else passed * (size or count)
        return before + count >= total
    return bool(size) and count < size


def _number(value: Any, pointer: str) -> int | None:
    number = found(value, pointer) if pointer else None
    return number if isinstance(number, int) and not isinstance(number, bool) else None


def _linked(paging: Paging, answer: Answer, value: Any) -> Query:
    """The query of the next link; nothing where there is no next link, or it says nothing of a page."""
    if paging.strategy is PagingStrategy.LINK_HEADER:
        link = next_link(answer.headers.get("Link", ""))
    else:
        there = found(value, paging.next[0])
        inside = cast("dict[str, Any]", there).get("href") if isinstance(there, dict) else there
        link = inside if isinstance(inside, str) else ""
    pairs = [pair.partition("=") for pair in urlsplit(link).query.split("&") if pair]
    query = tuple((unquote_plus(name), unquote_plus(text)) for name, _, text in pairs)
    return query if any(says_page(paging, name) for name, _ in query) else ()


def next_link(header: str) -> str:
    """The target of the link with the relation `next` (RFC 8288, section 3); Sentry says of one that it is empty."""
    found = (link for link in _LINK.finditer(header) if _NEXT.search(link[2]) and 'results="false"' not in link[2])
    return next((link[1] for link in found), "")


def says_page(paging: Paging, name: str) -> bool:
    return name in paging.send or (bool(_SAYS_PAGE.search(name)) and not _NEVER.search(name))


def check(paging: Paging | None, position: Position) -> None:
    """Raises InvalidArguments for a cursor that wants more than to turn pages."""
    mine: frozenset[str] = frozenset() if paging is None else frozenset((*paging.send, paging.size))
    linked = position.query and (paging is None or paging.strategy not in _AS_LINK)
    if linked or not mine.issuperset(position.arguments):
        raise InvalidArguments("the cursor does not fit this tool", "Leave the cursor out to begin anew.")


def with_query(paging: Paging | None, query: str, linked: Query) -> str:
    """The query (encoded) that follows a link whose query is `linked`: what says where the page is comes from there.

    All else is as it was, as far as the link repeats it: whoever wrote the link cannot ask for anything else.
    """
    if paging is None or not linked:
        return query
    own: dict[str, list[str]] = {}
    for pair in filter(None, query.split("&")):
        own.setdefault(unquote_plus(pair.partition("=")[0]), []).append(pair)
    repeated = [name for name in dict.fromkeys(name for name, _ in linked) if not says_page(paging, name)]
    kept = [pair for name in repeated for pair in own.get(name, [])]
    turned = [f"{quote(name, safe='')}={quote(text, safe='')}" for name, text in linked if says_page(paging, name)]
    return "&".join([*kept, *turned])
