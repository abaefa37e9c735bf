"""Mcp-Param-* headers against the arguments they repeat (2026-07-28, transports, "Custom Headers"; SEP-2243).

A property of an input schema that says `x-mcp-header: Region` is sent as `Mcp-Param-Region` too. Header and argument
must be there together and agree, so that whoever routes on the header routes on what is called.
"""

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any, Final, cast

import msgspec

from trunkline.gateway.headers import decoded

_KEY: Final = "x-mcp-header"
_TOKEN: Final = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_DECIMAL: Final = re.compile(r"(-?[0-9]+)(\.0+)?")
_KINDS: Final = frozenset({"string", "integer", "boolean"})
_DEEPEST: Final = 16


class Declared(msgspec.Struct, frozen=True):
    """One annotated property: its path of names, its header without the prefix, its JSON type."""

    path: tuple[str, ...]
    header: str
    kind: str


@lru_cache(4096)
def declared(schema: bytes) -> tuple[Declared, ...]:
    """The annotated properties of an input schema (JSON text). None at all if one annotation is not allowed:
    conforming clients drop such a tool and send no headers."""
    if b'"x-mcp-header"' not in schema:
        return ()
    found = tuple(_walk(msgspec.json.decode(schema), ()))
    headers = {each.header.lower() for each in found}
    fits = all(_TOKEN.fullmatch(each.header) and each.kind in _KINDS for each in found)
    return found if fits and len(headers) == len(found) else ()


def disagreement(places: tuple[Declared, ...], arguments: bytes, headers: Mapping[str, str]) -> str | None:
    """What is wrong first, None if nothing is. `headers` holds the request's Mcp-Param-* by lower-case name."""
    given: Any = msgspec.json.decode(arguments) if places else None
    wrongs = (_wrong(place, at(given, place.path), headers) for place in places)
    return next((wrong for wrong in wrongs if wrong is not None), None)


def _wrong(place: Declared, value: Any, headers: Mapping[str, str]) -> str | None:
    sent = headers.get(f"mcp-param-{place.header.lower()}")
    name, argument = f"Mcp-Param-{place.header} header", ".".join(place.path)
    if value is None:
        absent = f"{name} is present but the request body's {argument!r} argument is absent"
        return None if sent is None else absent
    text = header_text(value)
    if sent is None:
        return None if text is None else f"{name} is missing but the request body's {argument!r} argument is present"
    meant = decoded(sent)
    if meant is None:
        return f"{name} carries a malformed base64 sentinel value"
    if text is None or not (meant == text or _same_number(place.kind, value, meant)):
        return f"{name} does not match the request body's {argument!r} argument"
    return None


def _walk(schema: Any, path: tuple[str, ...]) -> Iterator[Declared]:
    if not isinstance(schema, dict) or len(path) > _DEEPEST:
        return
    node = cast(dict[str, Any], schema)
    if path and _KEY in node:
        yield Declared(path, str(node[_KEY]), str(node.get("type")))
    properties = node.get("properties")
    if isinstance(properties, dict):
        for name, inner in cast(dict[str, Any], properties).items():
            yield from _walk(inner, (*path, name))


def at(value: Any, path: tuple[str, ...]) -> Any:
    """What stands at `path` in a JSON value; None if nothing does."""
    for name in path:
        if not isinstance(value, dict):
            return None
        value = cast(dict[str, Any], value).get(name)
    return value


def header_text(value: Any) -> str | None:
    """A value as clients write it into a header; None for one that has no such form."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, str | int | float) else None


def _same_number(kind: str, value: Any, meant: str) -> bool:
    """Integers agree by value: 42 and 42.0 are the same."""
    match = _DECIMAL.fullmatch(meant)
    if kind != "integer" or match is None or isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return float(value).is_integer() and match[1].isascii() and len(match[1]) < 4300 and int(match[1]) == int(value)
