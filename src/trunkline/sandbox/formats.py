"""Patterns and formats, read by `jsonschema_rs`: its ECMA 262 engine knows `\\p{L}`, which `re` does not."""

import base64
import binascii
import re
from functools import lru_cache

import jsonschema_rs

from trunkline.sandbox.document import Json

_ASSERTED = frozenset(
    ("date-time", "date", "time", "uuid", "email", "uri", "ipv4", "ipv6", "hostname", "regex", "json-pointer")
)
_LITERAL = re.compile(r"/(\^.*\$)/(i?)")  # `/^[a-z]$/i`: as JavaScript writes it, which no text could match
_RANGES = {"int32": 2**31, "int64": 2**63}


def matches(pattern: str, text: str) -> bool:
    """Whether `text` matches an ECMA 262 pattern (`\\p{L}` too, which `re` lacks); True if no engine can read it."""
    reader = _pattern_reader(pattern)
    return reader is None or reader.is_valid(text)


def has_format(name: str, value: Json) -> bool:
    """Whether `value` has the named format. Formats nobody agrees on ("phone", "color") are not checked."""
    if isinstance(value, str):
        if name == "byte":
            return _is_base64(value)
        return name not in _ASSERTED or _format_reader(name).is_valid(value)
    if name in _RANGES and isinstance(value, int) and not isinstance(value, bool):
        return -_RANGES[name] <= value < _RANGES[name]
    return True


@lru_cache(maxsize=4096)
def _pattern_reader(pattern: str) -> jsonschema_rs.Draft202012Validator | None:
    if literal := _LITERAL.fullmatch(pattern):
        pattern = f"(?i:{literal[1]})" if literal[2] else literal[1]
    try:
        return jsonschema_rs.Draft202012Validator({"pattern": pattern})
    except ValueError:
        return None


@lru_cache(maxsize=64)
def _format_reader(name: str) -> jsonschema_rs.Draft202012Validator:
    return jsonschema_rs.Draft202012Validator({"format": name}, validate_formats=True)


def _is_base64(text: str) -> bool:
    try:
        base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return False
    return True
