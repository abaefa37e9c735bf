"""From the validator's errors to violations."""

from collections.abc import Iterable, Iterator
from typing import cast

from jsonschema.exceptions import ValidationError

from trunkline.sandbox.document import Json, Node, is_array
from trunkline.sandbox.violation import Violation, Where, kind_of, pointer


def explained(error: ValidationError, where: Where, at: tuple[object, ...]) -> Iterator[Violation]:
    """One violation for the error, or for the alternative the value plainly meant."""
    error = _closest(error)
    path = pointer(*at, *error.absolute_path)
    rule = str(error.validator)
    if rule == "additionalProperties":
        names = sorted(set(cast("dict[str, Json]", error.instance)) - set(_declared(error)))
        yield from (Violation(where, path + pointer(name), "unknown", "no such property") for name in names)
        return
    yield Violation(where, path, rule, _expected(rule, error.validator_value), _got(rule, error))


def _closest(error: ValidationError) -> ValidationError:
    """Of alternatives, the one whose errors are all inside the value and fewest: there the rest was right."""
    branches: dict[object, list[ValidationError]] = {}
    for inner in error.context or []:
        branches.setdefault(inner.schema_path[0], []).append(inner)
    meant = [errors for errors in branches.values() if all(inner.path for inner in errors)]
    return _closest(min(meant, key=len)[0]) if meant else error


def _declared(error: ValidationError) -> Iterable[str]:
    schema = cast("Node", error.schema)
    return schema.get("properties") or ()


def _got(rule: str, error: ValidationError) -> str:
    return "nothing" if rule == "required" else kind_of(error.instance)


def _expected(rule: str, value: Json) -> str:
    match rule:
        case "required":
            return "a value: it is required"
        case "type":
            return " or ".join(map(str, cast("list[str]", value))) if is_array(value) else str(value)
        case "enum":
            return "one of " + ", ".join(map(str, value[:20]))
        case "anyOf" | "oneOf":
            return f"one of {len(value)} alternatives"
        case _:
            return f"{rule} {str(value)[:200]}"
