"""JSON Schema as OpenAPI descriptions speak it, on `jsonschema`'s keywords.

OpenAPI 3.0 is draft 4 with `nullable` and more formats; 3.1 is draft 2020-12. Descriptions in the wild depart from
both, so some keywords are read as their authors mean them; each departure is named here and nowhere else:

- `nullable` admits null beside any keyword, `$ref` and `enum` too (3.0 says: only beside `type`); so does
  `type: "null"` beside `oneOf` or `anyOf`, which taken literally would admit nothing.
- `oneOf` is read as `anyOf`: branches overlap so often that "exactly one" would refuse good requests.
- `exclusiveMinimum`/`exclusiveMaximum` may be booleans (3.0) or numbers (3.1) in either.
- a keyword whose value has the wrong shape (`required: true`), an unknown type, an unreadable pattern and a
  reference that leads nowhere constrain nothing.
- `unevaluatedProperties`, `unevaluatedItems` and `$dynamicRef` are not checked; `discriminator` neither.
- `additionalProperties: false` in or beside `allOf` closes the whole composition, not each part of it, which would
  admit nothing: `sandbox.closed` judges it.
- a name that is `required` of a closed object but not declared may be there and may be missing.
- an `enum` of numbers beside `type: string` means their texts.
- a read-only property is never required of a request, a write-only one never of an answer.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, cast

from jsonschema import Draft4Validator, Draft202012Validator
from jsonschema.exceptions import ValidationError
from jsonschema.validators import create  # pyright: ignore[reportUnknownVariableType]

from trunkline.sandbox.document import Document, Json, Node, is_array, is_object
from trunkline.sandbox.explain import explained
from trunkline.sandbox.formats import has_format, matches
from trunkline.sandbox.violation import Violation, Where

Keyword = Callable[[Any, Json, Json, Node], Iterable[ValidationError] | None]

_SHAPES: Mapping[str, type | tuple[type, ...]] = {
    **dict.fromkeys(("required", "enum", "allOf", "anyOf", "oneOf", "prefixItems"), list),
    **dict.fromkeys(("properties", "patternProperties", "dependentSchemas", "dependentRequired"), dict),
    **dict.fromkeys(("items", "additionalProperties", "not", "if", "contains", "propertyNames"), (dict, bool)),
    **dict.fromkeys(("minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties"), int),
    **dict.fromkeys(("minimum", "maximum", "multipleOf"), (int, float)),
    **dict.fromkeys(("pattern", "format", "$ref"), str),
}
_UNCHECKED = ("unevaluatedProperties", "unevaluatedItems", "$dynamicRef", "dependencies")
_CACHED = 4096
_TYPES = frozenset(("array", "boolean", "integer", "null", "number", "object", "string"))


class Dialect:
    """Validators of one document, for values in requests or in answers."""

    def __init__(self, document: Document, *, answers: bool = False) -> None:
        self.document = document
        modern = document.version.startswith("3.1")
        keywords = dict(cast("dict[str, Keyword]", (Draft202012Validator if modern else Draft4Validator).VALIDATORS))
        keywords |= _own_keywords(document, "writeOnly" if answers else "readOnly")
        checked = {name: _guarded(name, keyword) for name, keyword in keywords.items() if name not in _UNCHECKED}
        self._class: Any = create(
            meta_schema={},
            validators=cast("Any", checked),
            type_checker=Draft202012Validator.TYPE_CHECKER,
            id_of=cast("Any", _no_id),
            applicable_validators=cast("Any", _keywords if modern else _keywords_or_reference),
        )
        self._validators: dict[int, tuple[Json, Any]] = {}

    def is_valid(self, value: Json, schema: Json) -> bool:
        return self._validator(schema).is_valid(value)

    def violations(self, value: Json, schema: Json, where: Where, *at: object) -> list[Violation]:
        """Every departure of `value` from `schema`; `at` leads from the root of `where` to the value."""
        errors = cast("Iterator[ValidationError]", self._validator(schema).iter_errors(value))
        return [found for error in errors for found in explained(error, where, at)]

    def _validator(self, schema: Json) -> Any:
        known = self._validators.get(id(schema))
        if known is not None:
            return known[1]
        if len(self._validators) >= _CACHED:
            self._validators.clear()
        made = self._class(schema if is_object(schema) else {})
        self._validators[id(schema)] = (schema, made)  # holding the schema keeps its id from being used again
        return made


def _no_id(_schema: Json) -> None:
    """Schemas are found by pointer only; a property called `id` is no identifier."""


def _keywords(schema: Json) -> Iterable[tuple[str, Json]]:
    return cast("Node", schema).items() if is_object(schema) else ()


def _keywords_or_reference(schema: Json) -> Iterable[tuple[str, Json]]:
    """OpenAPI 3.0: what stands beside `$ref` is ignored."""
    if is_object(schema) and "$ref" in schema:
        return (("$ref", cast("Node", schema)["$ref"]),)
    return _keywords(schema)


def _guarded(name: str, keyword: Keyword) -> Keyword:
    shape = _SHAPES.get(name, object)

    def check(validator: Any, value: Json, instance: Json, schema: Node) -> Iterable[ValidationError] | None:
        if (instance is None and _admits_null(schema)) or not isinstance(value, shape):
            return None
        return keyword(validator, value, instance, schema)

    return check


def _admits_null(schema: Node) -> bool:
    return schema.get("nullable") is True or (schema.get("type") == "null" and _has_branches(schema))


def _has_branches(schema: Node) -> bool:
    return "oneOf" in schema or "anyOf" in schema


def _own_keywords(document: Document, ignored: str) -> dict[str, Keyword]:
    def reference(validator: Any, ref: str, instance: Json, _schema: Node) -> Iterable[ValidationError]:
        return validator.descend(instance, document.target(ref))

    def required(_validator: Any, names: list[str], instance: Json, schema: Node) -> Iterator[ValidationError]:
        if not is_object(instance):
            return
        properties = document.node(schema.get("properties"))
        closed = schema.get("additionalProperties") is False and bool(properties)
        for name in names:
            known = name in properties or not closed
            if known and name not in instance and not document.node(properties.get(name)).get(ignored):
                yield ValidationError(f"{name} is required", path=(name,))

    def all_of(validator: Any, parts: list[Json], instance: Json, _schema: Node) -> Iterator[ValidationError]:
        for part in parts:
            yield from validator.descend(instance, _opened(document.follow(part)))

    return {
        "allOf": all_of,
        "additionalProperties": _additional_properties,
        "$ref": reference,
        "required": required,
        "type": _type,
        "enum": _enum,
        "oneOf": cast("Keyword", Draft202012Validator.VALIDATORS["anyOf"]),
        "pattern": _pattern,
        "format": _format,
        "exclusiveMinimum": _exclusive_minimum,
        "exclusiveMaximum": _exclusive_maximum,
        "minimum": _minimum,
        "maximum": _maximum,
    }


def _opened(part: Json) -> Json:
    if not (is_object(part) and part.get("additionalProperties") is False):
        return part
    declared = part.get("properties")
    known = {"required": [name for name in part.get("required") or () if name in (declared or (name,))]}
    return {name: value for name, value in part.items() if name != "additionalProperties"} | known


def _additional_properties(validator: Any, value: Json, instance: Json, schema: Node) -> Iterator[ValidationError]:
    keyword = cast("Keyword", Draft202012Validator.VALIDATORS["additionalProperties"])
    declared: Node = schema.get("properties") or {}
    named: Node = {name: {} for name in schema.get("required") or () if name not in declared}
    if "allOf" not in schema:
        yield from keyword(validator, value, instance, {**schema, "properties": {**declared, **named}}) or ()


def _type(validator: Any, value: Json, instance: Json, schema: Node) -> Iterator[ValidationError]:
    names = value if is_array(value) else [value]
    if not all(isinstance(name, str) and name in _TYPES for name in names) or (
        value == "null" and _has_branches(schema)
    ):
        return
    if not any(validator.is_type(instance, name) for name in names):
        yield ValidationError("wrong type")


def _enum(_validator: Any, choices: list[Json], instance: Json, schema: Node) -> Iterator[ValidationError]:
    same = [
        choice for choice in choices if choice == instance and isinstance(choice, bool) == isinstance(instance, bool)
    ]
    if not same and not (schema.get("type") == "string" and instance in map(str, choices)):
        yield ValidationError("not one of the choices")


def _is_number(value: Json) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _minimum(_validator: Any, limit: float, instance: Json, schema: Node) -> Iterator[ValidationError]:
    exclusive = schema.get("exclusiveMinimum") is True
    if _is_number(instance) and (instance < limit or (exclusive and instance == limit)):
        yield ValidationError("too small")


def _maximum(_validator: Any, limit: float, instance: Json, schema: Node) -> Iterator[ValidationError]:
    exclusive = schema.get("exclusiveMaximum") is True
    if _is_number(instance) and (instance > limit or (exclusive and instance == limit)):
        yield ValidationError("too large")


def _exclusive_minimum(_validator: Any, limit: Json, instance: Json, _schema: Node) -> Iterator[ValidationError]:
    if _is_number(limit) and _is_number(instance) and instance <= limit:
        yield ValidationError("too small")


def _exclusive_maximum(_validator: Any, limit: Json, instance: Json, _schema: Node) -> Iterator[ValidationError]:
    if _is_number(limit) and _is_number(instance) and instance >= limit:
        yield ValidationError("too large")


def _pattern(_validator: Any, pattern: str, instance: Json, _schema: Node) -> Iterator[ValidationError]:
    if isinstance(instance, str) and not matches(pattern, instance):
        yield ValidationError("does not match")


def _format(_validator: Any, name: str, instance: Json, _schema: Node) -> Iterator[ValidationError]:
    if not has_format(name, instance):
        yield ValidationError("wrong format")
