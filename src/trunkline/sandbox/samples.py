"""Plausible texts and numbers: by format, by name, by pattern. The same input gives the same sample."""

import re
import uuid
from collections.abc import Iterator, Mapping
from re import _constants as codes  # pyright: ignore[reportPrivateUsage, reportAttributeAccessIssue, reportUnknownVariableType] - no public parser
from re import _parser as parser  # pyright: ignore[reportPrivateUsage, reportAttributeAccessIssue, reportUnknownVariableType] - no public parser
from typing import Any, cast

from trunkline.sandbox.document import Json, Node
from trunkline.sandbox.formats import has_format, matches

_NAMESPACE = uuid.UUID("6ba7b811-9dad-11d1-80b4-00c04fd430c8")  # RFC 9562, of URLs
_PROPERTY = re.compile(r"\\[pP]\{[^}]*\}")
_PRINTABLE = [*map(chr, range(97, 123)), *map(chr, range(48, 58)), *map(chr, range(65, 91)), *map(chr, range(32, 127))]
_FILL = "abcdefghijklmnopqrstuvwxyz"


def text_sample(schema: Node, name: str, number: int) -> str:
    """A text for `schema` (a flat schema of type string), called `name`; `number` tells items of a list apart."""
    for text in _texts(schema, name, number):
        if _fits(schema, text):
            return text
    return _sized(schema, name or "text")


def _texts(schema: Node, name: str, number: int) -> Iterator[str]:
    if isinstance(pattern := schema.get("pattern"), str):
        for repeat in (1, int(schema.get("minLength") or 1), 2, 3, 8, 16, 32):
            yield from _of_pattern(pattern, repeat)
    form = schema.get("format")
    if isinstance(form, str) and form in _formats(name, number):
        yield _formats(name, number)[form]
    suffix = f" {number + 1}" if number else ""
    for mark, text in _NAMES.items():
        if mark in name.lower():
            yield _sized(schema, text.replace("*", suffix.strip() or "1"))
    yield _sized(schema, f"{name or 'text'}{suffix}")
    yield from (candidate for candidate in _FALLBACKS if candidate)


def _formats(name: str, number: int) -> Mapping[str, str]:
    return {
        "date-time": f"2026-01-15T09:30:{number % 60:02}Z",
        "date": f"2026-01-{number % 28 + 1:02}",
        "time": f"09:30:{number % 60:02}Z",
        "uuid": str(uuid.uuid5(_NAMESPACE, f"{name}/{number}")),
        "email": f"ada{number or ''}@example.com",
        "uri": f"https://example.com/{_slug(name)}{number or ''}",
        "url": f"https://example.com/{_slug(name)}{number or ''}",
        "uri-reference": f"https://example.com/{_slug(name)}",
        "hostname": "www.example.com",
        "ipv4": f"192.0.2.{number % 250 + 1}",
        "ipv6": f"2001:db8::{number % 250 + 1}",
        "byte": "c2FtcGxl",
        "binary": "sample",
        "json-pointer": "/sample",
        "regex": "^.*$",
    }


_NAMES = {
    "email": "ada*@example.com",
    "url": "https://example.com/*",
    "href": "https://example.com/*",
    "currency": "usd",
    "country": "US",
    "language": "en",
    "timezone": "Europe/Berlin",
    "phone": "+14155550100",
    "_at": "2026-01-15T09:30:00Z",
    "date": "2026-01-15T09:30:00Z",
    "color": "0366d6",
    "sha": "6dcb09b5b57875f334f61aebed695e2e4193db5e",
}
_FALLBACKS = ("a", "A", "1", "12345", "1.0", "true", "en-US", "a@example.com", "2026-01-15", "00:00", "#0366d6", "/a")


def _slug(name: str) -> str:
    return re.sub(r"[^a-z0-9-]", "-", name.lower()) or "sample"


def _sized(schema: Node, text: str) -> str:
    """`text` padded or cut to `minLength` and `maxLength`."""
    least, most = schema.get("minLength"), schema.get("maxLength")
    if isinstance(least, int) and len(text) < least:
        text += (_FILL * (least // len(_FILL) + 1))[: least - len(text)]
    return text[:most] if isinstance(most, int) else text


def _fits(schema: Node, text: str) -> bool:
    least, most, pattern, form = (schema.get(key) for key in ("minLength", "maxLength", "pattern", "format"))
    if (isinstance(least, int) and len(text) < least) or (isinstance(most, int) and len(text) > most):
        return False
    return (not isinstance(pattern, str) or matches(pattern, text)) and (
        not isinstance(form, str) or has_format(form, text)
    )


def _of_pattern(pattern: str, repeat: int) -> Iterator[str]:
    """A text made by walking the pattern, each open repetition taken `repeat` times; nothing if it cannot be read."""
    readable = _PROPERTY.sub(r"\\w", pattern)
    try:
        tree = cast("Any", parser).parse(readable)
    except (re.error, RecursionError, OverflowError):
        return
    yield "".join(_walk(tree, repeat, {}))


def _walk(tree: Any, repeat: int, groups: dict[int, str]) -> Iterator[str]:
    for code, value in tree:
        yield _step(str(code), value, repeat, groups)


def _step(code: str, value: Any, repeat: int, groups: dict[int, str]) -> str:
    match code:
        case "LITERAL":
            return chr(value)
        case "NOT_LITERAL":
            return next(letter for letter in _PRINTABLE if ord(letter) != value)
        case "ANY":
            return "a"
        case "IN":
            return _member(value)
        case "BRANCH":
            return "".join(_walk(value[1][0], repeat, groups))
        case "SUBPATTERN":
            text = "".join(_walk(value[3], repeat, groups))
            groups[value[0] or 0] = text
            return text
        case "GROUPREF":
            return groups.get(value, "")
        case "MAX_REPEAT" | "MIN_REPEAT" | "POSSESSIVE_REPEAT":
            least, most, inner = value
            times = min(max(least, repeat if most is cast("Any", codes).MAXREPEAT or repeat > 1 else least), most, 512)
            return "".join("".join(_walk(inner, repeat, groups)) for _ in range(times))
        case _:  # anchors and look-around add nothing
            return ""


def _member(choices: list[Any]) -> str:
    """The first letter, then digit, then printable that a character class admits."""
    negated = bool(choices) and str(choices[0][0]) == "NEGATE"
    for letter in _PRINTABLE:
        if any(_admits(str(code), value, letter) for code, value in choices) != negated:
            return letter
    first = choices[0]
    return chr(first[1]) if str(first[0]) == "LITERAL" else chr(first[1][0]) if str(first[0]) == "RANGE" else "a"


def _admits(code: str, value: Any, letter: str) -> bool:
    match code:
        case "LITERAL":
            return ord(letter) == value
        case "RANGE":
            return value[0] <= ord(letter) <= value[1]
        case "CATEGORY":
            return _in_category(str(value), letter)
        case _:
            return False


def _in_category(category: str, letter: str) -> bool:
    kinds = {"DIGIT": letter.isdigit(), "SPACE": letter.isspace(), "WORD": letter.isalnum() or letter == "_"}
    kind = category.rsplit("_", 1)[-1]
    return kinds.get(kind, False) != ("NOT" in category)


def number_sample(schema: Node, *, whole: bool, number: int) -> Json:
    """A number within the bounds of `schema`, a multiple of `multipleOf`; 1, 2, … where nothing is asked."""
    low, high = _bound(schema, "minimum", 1), _bound(schema, "maximum", -1)
    value: float = 1 + number
    if low is not None and value < low:
        value = low + number
    if high is not None and value > high:
        value = high if low is None or high >= low else low
    step = schema.get("multipleOf")
    if isinstance(step, (int, float)) and not isinstance(step, bool) and step > 0:
        value = -(-value // step) * step
    return int(value) if whole or value == int(value) else value


def _bound(schema: Node, name: str, inward: int) -> float | None:
    exclusive = schema.get("exclusive" + name.capitalize())
    limit = schema.get(name)
    if isinstance(exclusive, (int, float)) and not isinstance(exclusive, bool):
        return exclusive + inward
    if not isinstance(limit, (int, float)) or isinstance(limit, bool):
        return None
    return limit + inward if exclusive is True else limit
