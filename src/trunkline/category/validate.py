"""Arguments against the tool's input schema; what is wrong is said so that a model can put it right.

Patterns come from other people's descriptions: the engine takes linear time (Rust's `regex`), and one it cannot read
is left to the service to check.
"""

import difflib
import heapq
from collections.abc import Iterable, Iterator
from typing import Any, Final, cast

import jsonschema_rs
import msgspec
from jsonschema_rs import Draft202012Validator, RegexOptions, ValidationError, ValidationErrorKind

from trunkline.category.encode import Json
from trunkline.contract import InvalidArguments, InvalidManifest

MAX_ERRORS: Final = 5
MAX_DEPTH: Final = 64
_LONG: Final = 16_384  # bytes of arguments that may hold more errors than there is time to describe
_MAX_OPTIONS: Final = 10
_MAX_SHOWN: Final = 60
_MAX_FORMS: Final = 4
_TYPES: Final[tuple[tuple[type, str], ...]] = (
    (bool, "boolean"),  # before int, which it is a kind of
    (int, "integer"),
    (float, "number"),
    (str, "string"),
    (list, "array"),
    (dict, "object"),
)
_MORE: Final = b'"x-more"'
_decode = msgspec.json.Decoder(dict[str, Any]).decode


class ArgumentsValidator:
    """The input schema of one tool, ready to use."""

    def __init__(self, schema: bytes, known: frozenset[str]) -> None:
        """`known`: the arguments that go somewhere. Raises InvalidManifest if the schema cannot be used."""
        self._known = known
        try:
            decoded = cast("dict[str, Any]", msgspec.json.decode(schema))
            self._validator = _compiled(_opened(decoded) if _MORE in schema else decoded)
        except (ValueError, msgspec.DecodeError) as error:
            raise InvalidManifest(f"the input schema cannot be used: {str(error)[:200]}") from None

    def parse(self, arguments: bytes) -> dict[str, Json]:
        """The arguments as values. Raises InvalidArguments naming each that is wrong, at most `MAX_ERRORS`."""
        values = _parsed(arguments)
        unknown = values.keys() - self._known
        if not unknown and self._validator.is_valid(values):
            return values
        named = [self._unknown(name) for name in heapq.nsmallest(MAX_ERRORS, unknown)]
        errors = self._errors(values) if len(arguments) <= _LONG else self._first(values) if not unknown else ()
        wrong = dict.fromkeys(map(_problem, errors))
        problems = len(unknown) + len(wrong)
        if problems:
            raise InvalidArguments(_joined([*named, *wrong], problems))
        return values

    def _errors(self, values: dict[str, Json]) -> Iterator[ValidationError]:
        return filter(_counts, self._validator.iter_errors(values))

    def _first(self, values: dict[str, Json]) -> Iterable[ValidationError]:
        """The first error: the library describes all of them before it gives any."""
        try:
            self._validator.validate(values)
        except ValidationError as error:
            return (error,) if _counts(error) else self._errors(values)
        return ()

    def _unknown(self, name: str) -> str:
        close = difflib.get_close_matches(name, self._known, n=1)
        guess = f"; did you mean `{close[0]}`?" if close else ""
        return f"`{_shown(name)}`: there is no such argument{guess}"


def _counts(error: ValidationError) -> bool:
    """False for alternatives that overlap, as those of real descriptions do, and for names that are named already."""
    if isinstance(error.kind, ValidationErrorKind.OneOfMultipleValid):
        return False
    return bool(error.instance_path) or not isinstance(error.kind, ValidationErrorKind.AdditionalProperties)


def _parsed(arguments: bytes) -> dict[str, Json]:
    try:
        values = _decode(arguments or b"{}")
    except msgspec.ValidationError:
        is_object = arguments.lstrip()[:1] == b"{"
        wrong = "hold a number that is out of range" if is_object else "must be a JSON object"
        raise InvalidArguments(f"the arguments {wrong}") from None
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise InvalidArguments("the arguments are not valid JSON") from None
    except RecursionError:
        raise _too_deep() from None
    if arguments.count(b"[") + arguments.count(b"{") > MAX_DEPTH:
        _check_depth(values, MAX_DEPTH)
    return values


def _check_depth(value: Json, left: int) -> None:
    if left == 0:
        raise _too_deep()
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for each in inner:
        if isinstance(each, dict | list):
            _check_depth(each, left - 1)


def _too_deep() -> InvalidArguments:
    return InvalidArguments(f"the arguments are nested more than {MAX_DEPTH} levels deep")


def _compiled(schema: dict[str, Any]) -> Draft202012Validator:
    try:
        return Draft202012Validator(schema, pattern_options=RegexOptions(), offline=True)
    except ValueError:
        readable = cast("dict[str, Any]", _without_unreadable_patterns(schema))
        return Draft202012Validator(readable, pattern_options=RegexOptions(), offline=True)


def _opened(node: Any) -> Any:
    """The schema without a choice of which variants are left out: one of those is as legal as one that is shown."""
    if isinstance(node, list):
        return [_opened(each) for each in cast("list[Any]", node)]
    if not isinstance(node, dict):
        return node
    known = cast("dict[str, Any]", node)
    closed = ("anyOf", "oneOf") if isinstance(known.get("x-more"), int) else ()
    return {name: _opened(each) for name, each in known.items() if name not in closed}


def _without_unreadable_patterns(node: Any) -> Any:
    if isinstance(node, list):
        return [_without_unreadable_patterns(each) for each in cast("list[Any]", node)]
    if not isinstance(node, dict):
        return node
    kept = dict(cast("dict[str, Any]", node))
    if isinstance(kept.get("pattern"), str) and not _readable(kept["pattern"]):
        del kept["pattern"]
    patterns = kept.get("patternProperties")
    if isinstance(patterns, dict) and not all(map(_readable, cast("dict[str, Any]", patterns))):
        del kept["patternProperties"]
    return {name: _without_unreadable_patterns(each) for name, each in kept.items()}


def _readable(pattern: str) -> bool:
    try:
        Draft202012Validator({"pattern": pattern}, pattern_options=RegexOptions())
    except ValueError:
        return False
    return True


def _joined(problems: list[str], count: int) -> str:
    more = count - min(MAX_ERRORS, len(problems))
    return "; ".join(problems[:MAX_ERRORS]) + (f"; and {more} more" if more > 0 else "")


def _problem(error: ValidationError) -> str:
    """Which argument, what is wrong with it, what is expected."""
    where = _path(error.instance_path)
    kind = error.kind
    if isinstance(kind, ValidationErrorKind.Required):
        return f"`{_path([*error.instance_path, kind.property])}` is required"
    if isinstance(kind, ValidationErrorKind.AdditionalProperties | ValidationErrorKind.UnevaluatedProperties):
        return f"`{where}`: has no property {', '.join(map(_shown, kind.unexpected[:MAX_ERRORS]))}"
    return f"`{where}`: {_expected(kind, error)}" if where else _expected(kind, error)


def _expected(kind: jsonschema_rs.ValidationErrorKind, error: ValidationError) -> str:
    got = _shown(error.instance)
    match kind:
        case ValidationErrorKind.Type(types):
            return f"expected {' or '.join(types)}, got {_type_of(error.instance)}{got}"
        case ValidationErrorKind.Enum(options):
            more = ", …" if len(options) > _MAX_OPTIONS else ""
            return f"expected one of {', '.join(map(_shown, options[:_MAX_OPTIONS]))}{more}, got {got}"
        case ValidationErrorKind.Constant(expected):
            return f"expected {_shown(expected)}, got {got}"
        case ValidationErrorKind.Pattern(pattern):
            return f"expected text matching {_shown(pattern)}, got {got}"
        case ValidationErrorKind.AnyOf(context) | ValidationErrorKind.OneOfNotValid(context):
            return f"fits none of the allowed forms: {_alternatives(context)}"
        case _:
            return error.message[:200]


def _alternatives(context: list[list[ValidationError]]) -> str:
    """What each form lacks first."""
    first = list(dict.fromkeys(_problem(errors[0]) for errors in context if errors))
    return " | ".join(first[:_MAX_FORMS]) + (" | …" if len(first) > _MAX_FORMS else "")


def _path(steps: list[str | int]) -> str:
    """`labels[0].name`"""
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps).removeprefix(".")


def _shown(value: object) -> str:
    text = value if isinstance(value, str) else msgspec.json.encode(value).decode()
    return text if len(text) <= _MAX_SHOWN else text[: _MAX_SHOWN - 1] + "…"


def _type_of(value: object) -> str:
    return next((f"{name} " for kind, name in _TYPES if isinstance(value, kind)), "")
