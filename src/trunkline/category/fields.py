"""Which fields of an answer a model gets: those asked for, else those the tool keeps, else what says something.

Without a list of fields, nulls and empty values are dropped, and what only a program follows: links into the service's
own API, and its names for types. Nothing that could be the only name of a thing is dropped.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final, cast

ALL: Final = ("*",)
_LINK_NAME: Final = re.compile(r"(?:url|uri|href|link|self)$", re.IGNORECASE)
_NAME_OF_THING: Final = re.compile(r"^(?:number|key|slug|login|sha|name|title)$|(?:^|_|[a-z])[iI][dD]$")
_DISCOVERY_KIND: Final = re.compile(r"\w+#\w+")
_HAL_LINKS: Final = "_links"
HAL_EMBEDDED: Final = "_embedded"
_ALWAYS: Final = frozenset((_HAL_LINKS, "node_id", "@odata.context", "@odata.type"))


def may_hold_noise(body: bytes, api: bytes) -> bool:
    """Whether JSON text has to be looked through at all; `api` is how links into the service's API begin.

    Of each mark one letter is looked for first, which is far cheaper than the whole: about 3 us a kilobyte in all.
    """
    if b"null" in body or b'""' in body or b"[]" in body or b"{}" in body or api in body:
        return True
    if b"_" in body and (b'"_' in body or b'"node_id"' in body):
        return True
    return (b"#" in body and b'"kind"' in body) or (b"@" in body and b'"@odata' in body)


class Telling:
    """Drops what says nothing from the answers of `host`, and remembers what else it dropped: names of `left_out`."""

    def __init__(self, host: str) -> None:
        self._api = (f"https://{host}/", f"http://{host}/", f"https:\\/\\/{host}/")
        self.left_out: dict[str, None] = {}

    def of(self, value: Any, depth: int = 0) -> Any:
        """`value` without noise; its items keep their number and order."""
        if isinstance(value, list):
            return [self.of(item, depth + 1) for item in cast("list[Any]", value)]
        if isinstance(value, dict):
            return self._members(cast("dict[str, Any]", value), depth)
        return value

    def _members(self, found: dict[str, Any], depth: int) -> dict[str, Any]:
        named = any(_NAME_OF_THING.search(name) for name in found)
        kept: dict[str, Any] = {}
        for name, inner in found.items():
            if inner is None or (depth and empty(inner)):
                continue
            if self._is_noise(name, inner, named):
                self.left_out[name] = None
            elif name == HAL_EMBEDDED and isinstance(inner, dict) and found.keys().isdisjoint(cast("Any", inner)):
                kept |= self._members(cast("dict[str, Any]", inner), depth)
            else:
                told = self.of(inner, depth + 1)
                if not (depth and empty(told)):
                    kept[name] = told
        return kept

    def _is_noise(self, name: str, value: Any, named: bool) -> bool:
        if name in _ALWAYS:
            return True
        if name == "links":
            return _only_links(value)
        if not isinstance(value, str):
            return False
        if name == "kind":
            return bool(_DISCOVERY_KIND.fullmatch(value))
        return named and value.startswith(self._api) and bool(_LINK_NAME.search(name))


def _only_links(value: Any) -> bool:
    """Whether an object, or a list of objects, holds nothing but addresses and what they are for."""
    if isinstance(value, list):
        items = cast("list[Any]", value)
        return bool(items) and all(isinstance(item, dict) and "href" in item for item in items)
    if not isinstance(value, dict):
        return False
    inner = list(cast("dict[str, Any]", value).values())
    return all(each is None or _is_address(each) or (isinstance(each, dict) and "href" in each) for each in inner)


def _is_address(value: Any) -> bool:
    return isinstance(value, str) and value.startswith(("https://", "http://", "/"))


def kept_fields(value: Any, keep: tuple[str, ...]) -> Any:
    """`value` with the fields `keep` only; a dotted name reaches inside. Nulls and empty values are dropped.

    The fields are those of the items: of the list itself, or of the list that an object wraps (`{"items": [...]}`),
    whose own plain fields (totals, cursors) stay.
    """
    if isinstance(value, list):
        return [kept_fields(item, keep) for item in cast("list[Any]", value)]
    if not isinstance(value, dict):
        return value
    found = cast("dict[str, Any]", value)
    if any(name.partition(".")[0] in found for name in keep):
        return _picked(found, keep)
    return {name: _inside(inner, keep) for name, inner in found.items() if not empty(inner)}


def _inside(value: Any, keep: tuple[str, ...]) -> Any:
    if isinstance(value, list):
        items = cast("list[Any]", value)
        return [kept_fields(item, keep) for item in items]
    return kept_fields(value, keep) if isinstance(value, dict) else value


def _picked(found: Mapping[str, Any], keep: tuple[str, ...]) -> dict[str, Any]:
    deeper: dict[str, list[str]] = {}
    for name in keep:
        head, _, rest = name.partition(".")
        deeper.setdefault(head, []).extend([rest] if rest else [])
    picked: dict[str, Any] = {}
    for head, rest in deeper.items():
        value = found.get(head)
        if not empty(value):
            picked[head] = kept_fields(value, tuple(rest)) if rest and head not in keep else value
    return picked


def empty(value: Any) -> bool:
    return value is None or value == "" or value == [] or value == {}


def listed(names: Iterable[str], most: int = 4) -> str:
    """`a, b, c, d and 3 more`"""
    every = list(names)
    more = f" and {len(every) - most} more" if len(every) > most else ""
    return ", ".join(every[:most]) + more
