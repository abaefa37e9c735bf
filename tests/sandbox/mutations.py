"""Ways to spoil a good request, each with the violation that must be named."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tests.sandbox.good_requests import FORM, JSON, MULTIPART, Draft, document_of, parameters, schema_of
from trunkline.sandbox.credentials import alternatives
from trunkline.sandbox.document import is_array, is_object

WRONG: dict[str, Any] = {
    "integer": "many",
    "number": "much",
    "boolean": "perhaps",
    "string": [{}],
    "array": "none",
    "object": "none",
}
TEXT_TYPES = ("integer", "number", "boolean")  # what a text can be wrong for
BAD_FORMATS = {
    "date-time": "yesterday",
    "date": "the 5th",
    "uuid": "42",
    "email": "nobody",
    "ipv4": "::1",
    "uri": "no uri",
}
COMPOSED = ("allOf", "anyOf", "oneOf", "nullable", "$ref")


@dataclass(frozen=True)
class Mutation:
    """A spoiled request; one of its violations must be at `where` and `pointer` for one of `rules`."""

    kind: str
    draft: Draft
    where: str
    pointer: str
    rules: tuple[str, ...]


def mutations(good: Draft) -> Iterator[Mutation]:
    yield from of_parameters(good)
    yield from of_query(good)
    yield from of_credential(good)
    if good.body is not None:
        yield from of_body(good)


def pointer(name: str) -> str:
    return "/" + name.replace("~", "~0").replace("/", "~1")


def of_parameters(good: Draft) -> Iterator[Mutation]:
    credential_names = {key.name for way in ways(good) for key in way}
    for where, values in (("path", good.path), ("query", good.query), ("header", good.headers)):
        for node in parameters(good.operation.raw, where):
            name = node["name"]
            if name not in values or name in credential_names:
                continue
            for kind, value, rules in spoiled_texts(good, node):
                changed = changed_values(good, where, {**values, name: value})
                yield Mutation(kind, changed, where, pointer(name), rules)
            if node.get("required") is True and where != "path":
                left = {key: value for key, value in values.items() if key != name}
                yield Mutation(
                    f"{where} dropped", changed_values(good, where, left), where, pointer(name), ("required",)
                )
                if where == "query" and "content" not in node:
                    moved = good.with_(query=left, headers={**good.headers, name: "moved"})
                    yield Mutation("query sent as header", moved, where, pointer(name), ("required",))


def changed_values(good: Draft, where: str, values: dict[str, Any]) -> Draft:
    return good.with_(**{"header": {"headers": values}, "path": {"path": values}, "query": {"query": values}}[where])


def spoiled_texts(good: Draft, node: dict[str, Any]) -> Iterator[tuple[str, Any, tuple[str, ...]]]:
    schema = document_of(good.operation).node(schema_of(node))
    if "content" in node or any(word in schema for word in COMPOSED):
        return
    if schema.get("type") in TEXT_TYPES:
        yield f"{node['in']} of wrong type", WRONG[schema["type"]], ("type", "enum")
    if schema.get("type") == "string" and schema.get("enum"):
        yield f"{node['in']} unknown choice", "no-such-choice", ("enum",)
    elif schema.get("type") == "string" and schema.get("format") in BAD_FORMATS:
        yield f"{node['in']} of bad format", BAD_FORMATS[schema["format"]], ("format",)


def of_query(good: Draft) -> Iterator[Mutation]:
    if any(spreads(good, node) for node in parameters(good.operation.raw, "query")):
        return
    extra = good.with_(extra=(*good.extra, ("zz_unknown", "1")))
    yield Mutation("unknown query parameter", extra, "query", "/zz_unknown", ("unknown",))


def spreads(good: Draft, node: dict[str, Any]) -> bool:
    schema = document_of(good.operation).node(schema_of(node))
    return schema.get("type") == "object" and node.get("style", "form") == "form"


def ways(good: Draft) -> list[tuple[Any, ...]]:
    return list(alternatives(document_of(good.operation), good.operation.raw, good.operation.manifest))


def of_credential(good: Draft) -> Iterator[Mutation]:
    found = ways(good)
    if any(not way for way in found):
        return
    place, names = found[0][0], {key.name for way in found for key in way}
    bare = good.with_(
        credential={},
        extra=tuple(pair for pair in good.extra if pair[0] not in names),
        query={name: value for name, value in good.query.items() if name not in names},
        headers={name: value for name, value in good.headers.items() if name not in names},
    )
    yield Mutation("no credential", bare, place.where, pointer(place.name), ("credential",))
    if all(key.where == "header" and key.scheme == "bearer" for way in found for key in way):
        other = bare.with_(credential={"Authorization": "Basic dTpw"})
        yield Mutation("credential of another scheme", other, "header", "/Authorization", ("credential",))
        misplaced = bare.with_(extra=(*bare.extra, ("access_token", "secret")))
        yield Mutation("credential in the wrong place", misplaced, "header", "/Authorization", ("credential",))


def of_body(good: Draft) -> Iterator[Mutation]:
    document = document_of(good.operation)
    request_body = document.node(good.operation.raw.node.get("requestBody"))
    content = document.node(request_body.get("content"))
    if not any("*" in kind for kind in content):
        other = good.with_(media_type="application/x-other", raw_body=b"a body")
        yield Mutation("wrong content type", other, "header", "/Content-Type", ("media type",))
    if request_body.get("required") and good.media_type == JSON:
        yield Mutation("body dropped", good.with_(body=None), "body", "", ("required",))
    if good.media_type == JSON:
        yield Mutation("body not JSON", good.with_(raw_body=b'{"a": '), "body", "", ("syntax",))
    schema = document.node(document.node(content.get(good.media_type)).get("schema"))
    structured = good.media_type in (JSON, FORM, MULTIPART)
    if structured and is_object(good.body) and not any(word in schema for word in COMPOSED):
        yield from of_properties(good, dict(schema))


def of_properties(good: Draft, schema: dict[str, Any]) -> Iterator[Mutation]:
    document = document_of(good.operation)
    properties = document.node(schema.get("properties"))
    if properties and schema.get("additionalProperties", False) is False and "patternProperties" not in schema:
        extra = good.with_(body={**good.body, "zz_unknown": "1"})
        yield Mutation("unknown property", extra, "body", "/zz_unknown", ("unknown",))
    named = schema.get("required")
    required = named if is_array(named) else []
    for name, value in good.body.items():
        node = document.node(properties.get(name))
        left = {key: child for key, child in good.body.items() if key != name}
        if name in required and name in properties and not node.get("readOnly"):
            yield Mutation("property dropped", good.with_(body=left), "body", pointer(name), ("required",))
            if not (is_object(value) or is_array(value)) and not good.query:
                moved = good.with_(body=left, query={}, extra=(*good.extra, (name, "moved")))
                yield Mutation("property sent in the query", moved, "body", pointer(name), ("required",))
        for kind, wrong, rules in spoiled_values(good, dict(node)):
            yield Mutation(kind, good.with_(body={**left, name: wrong}), "body", pointer(name), rules)


def spoiled_values(good: Draft, schema: dict[str, Any]) -> Iterator[tuple[str, Any, tuple[str, ...]]]:
    kind = schema.get("type")
    if any(word in schema for word in COMPOSED) or not isinstance(kind, str) or good.media_type not in (JSON, FORM):
        return
    if kind in TEXT_TYPES or (good.media_type == JSON and kind in WRONG):
        yield "property of wrong type", WRONG[kind], ("type", "enum")
    if kind == "string" and schema.get("enum"):
        yield "property of unknown choice", "no-such-choice", ("enum",)
    elif kind == "string" and schema.get("format") in BAD_FORMATS:
        yield "property of bad format", BAD_FORMATS[schema["format"]], ("format",)
