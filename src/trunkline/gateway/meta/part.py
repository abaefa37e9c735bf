"""One part of a tool's input, whole: what describe_tools answers to a path such as `body.contents[].metadata`.

A part is shown with the `$defs` it refers to, as many as fit; the others stay stubs whose `x-more` says how many
properties a further path would show.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final, cast

import msgspec

from trunkline.contract import InvalidArguments

Node = dict[str, Any]

_ROOM: Final = 5_500  # bytes of JSON text: 2,000 tokens with what stands around it, patterns and all
_REF: Final = "#/$defs/"
_FORMS: Final = ("anyOf", "oneOf", "allOf")
_DEPTH: Final = 6  # of forms inside forms
_VALUES: Final = 60  # of an enum that does not fit
_NAMED: Final = 40  # properties that an error lists


def text(path: str, arguments: Mapping[str, Any], parts: Mapping[str, Any]) -> str:
    """The JSON text of the schema at `path`. Raises InvalidArguments, naming what there is instead."""
    found = _walk({"properties": dict(arguments)}, path.removeprefix("$"), parts)
    return msgspec.json.encode(_fitting(found, parts)).decode()


def first_cut(schema: Node, path: str = "") -> str:
    """The path of the first part of a shown schema of which something is left out; "" if it is the whole."""
    if "x-more" in schema and path:
        return path
    for name, inner in cast("Node", schema.get("properties", {})).items():
        if isinstance(inner, dict) and (found := first_cut(cast("Node", inner), f"{path}.{name}".lstrip("."))):
            return found
    for inner, deeper in _inside(schema, path):
        if found := first_cut(inner, deeper):
            return found
    return ""


def _inside(schema: Node, path: str) -> Iterator[tuple[Node, str]]:
    if isinstance(schema.get("items"), dict):
        yield schema["items"], f"{path}[]"
    if isinstance(schema.get("additionalProperties"), dict):
        yield schema["additionalProperties"], f"{path}.*"
    for word in _FORMS:
        yield from ((form, path) for form in schema.get(word, ()) if isinstance(form, dict))


def _walk(schema: Node, rest: str, parts: Mapping[str, Any]) -> Node:
    rest = rest.removeprefix(".")
    if not rest:
        return _resolved(schema, parts)
    forms = list(_forms(schema, parts))
    if rest.startswith("["):
        items = next((form["items"] for form in forms if "items" in form), None)
        if isinstance(items, dict):
            return _walk(cast("Node", items), rest.partition("]")[2], parts)
        raise InvalidArguments(f"path: there is no array before {rest!r}.", _hint(forms))
    for form in forms:
        name = _name(form.get("properties", {}), rest)
        if name is not None:
            return _walk(form["properties"][name], rest[len(name) :], parts)
    for form in forms:
        extra = form.get("additionalProperties")
        if isinstance(extra, dict):
            return _walk(cast("Node", extra), rest.partition(".")[2], parts)
    for form in forms:
        if isinstance(form.get("items"), dict):  # `[]` is easily forgotten
            return _walk(form["items"], rest, parts)
    raise InvalidArguments(f"path: there is no {rest!r} here.", _hint(forms))


def _name(properties: Node, rest: str) -> str | None:
    """The property that `rest` begins with; names may hold dots, so the longest."""
    fitting = [name for name in properties if rest == name or rest.startswith((f"{name}.", f"{name}["))]
    return max(fitting, key=len, default=None)


def _hint(forms: list[Node]) -> str:
    names = [name for form in forms for name in form.get("properties", {})]
    shown = ", ".join(dict.fromkeys(names[:_NAMED]))
    return f"There are: {shown}{', …' if len(names) > _NAMED else ''}." if names else "Ask for a shorter path."


def _resolved(schema: Node, parts: Mapping[str, Any]) -> Node:
    ref = schema.get("$ref")
    seen: set[str] = set()
    while isinstance(ref, str) and ref not in seen:
        seen.add(ref)
        schema = parts.get(ref.removeprefix(_REF), {})
        ref = schema.get("$ref")
    return schema


def _forms(schema: Node, parts: Mapping[str, Any], depth: int = 0) -> Iterator[Node]:
    """The schema and the forms it may have, each resolved."""
    here = _resolved(schema, parts)
    yield here
    if depth < _DEPTH:
        for word in _FORMS:
            for form in here.get(word, ()):
                yield from _forms(form, parts, depth + 1)


def _fitting(schema: Node, parts: Mapping[str, Any]) -> Node:
    """The schema with the parts it refers to, nearest first, while there is room."""
    out = next((cut for cut in _cuts(schema) if _size(cut) + _stubs(cut, parts) <= _ROOM), None)
    if out is None:
        return _names_only(schema)
    defs = {name: _stub(parts[name]) for name in _known(out, parts)}
    room = _ROOM - _size(out) - _size(defs)
    for name in (waiting := list(defs)):  # grows while it is gone through
        new = {other: _stub(parts[other]) for other in _known(parts[name], parts) if other not in defs}
        cost = _size(parts[name]) - _size(defs[name]) + _size(new)
        if cost <= room:
            room -= cost
            defs |= {name: parts[name], **new}
            waiting += new
    return out | ({"$defs": defs} if defs else {})


def _known(schema: Any, parts: Mapping[str, Any]) -> list[str]:
    """Names of the parts that a schema refers to, in order."""
    return [name for name in _refs(schema) if name in parts]


def _stubs(schema: Node, parts: Mapping[str, Any]) -> int:
    return _size({name: _stub(parts[name]) for name in _known(schema, parts)})


def _stub(part: Node) -> Node:
    """What kind of thing a part is, and how much there is of it."""
    out = {key: part[key] for key in ("type",) if key in part}
    inside = len(part.get("properties", ())) or sum(len(part.get(word, ())) for word in _FORMS)
    return out | ({"x-more": inside} if inside else {})


def _cuts(schema: Node) -> Iterator[Node]:
    """The schema, then poorer ones: less deep, then without descriptions and with the first values of long enums."""
    yield schema
    for depth in (4, 3, 2, 1):
        yield _pruned(schema, depth, texts=True)
    for depth in (4, 2, 1):
        yield _pruned(schema, depth, texts=False)


def _pruned(schema: Any, depth: int, *, texts: bool) -> Any:
    if not isinstance(schema, dict):
        return schema
    node = dict(cast("Node", schema))
    if not texts:
        node.pop("description", None)
        if len(node.get("enum", ())) > _VALUES:
            node |= {"enum": node["enum"][:_VALUES], "x-more": len(node["enum"]) - _VALUES}
    if depth == 0 and any(word in node for word in ("properties", "items", *_FORMS)):
        return _stub(node)
    inner = depth - 1
    if "properties" in node:
        node["properties"] = {name: _pruned(each, inner, texts=texts) for name, each in node["properties"].items()}
    for word in ("items", "additionalProperties"):
        if word in node:
            node[word] = _pruned(node[word], inner, texts=texts)
    for word in _FORMS:
        if word in node:
            node[word] = [_pruned(each, inner, texts=texts) for each in node[word]]
    return node


def _names_only(schema: Node) -> Node:
    """For hundreds of properties: their names, each of which is a path of its own."""
    names = list(cast("Node", schema.get("properties", {})))
    out: Node = {"type": schema.get("type", "object"), "x-properties": names, "x-more": len(names)}
    while _size(out) > _ROOM:
        del names[-20:]
    return out


def _refs(schema: Any) -> dict[str, None]:
    found: dict[str, None] = {}
    if isinstance(schema, list):
        for each in cast("list[Any]", schema):
            found |= _refs(each)
    elif isinstance(schema, dict):
        node = cast("Node", schema)
        ref = node.get("$ref")
        if isinstance(ref, str):
            found[ref.removeprefix(_REF)] = None
        for each in node.values():
            found |= _refs(each)
    return found


def _size(value: object) -> int:
    return len(msgspec.json.encode(value))
