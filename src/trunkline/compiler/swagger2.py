"""Brings a Swagger 2.0 description to the shape of OpenAPI 3.0, as far as requests are concerned.

`definitions` and the like stay where they are, so that references into them keep working. Responses are not touched.
Source: OpenAPI Specification 2.0, sections Parameter Object, Items Object, Security Scheme Object.
"""

from trunkline.compiler.node import Node, child, children, is_node, nodes, strings

_METHODS = frozenset(("get", "put", "post", "delete", "patch", "head", "options"))
_STYLES: dict[str, tuple[str, bool]] = {
    "csv": ("form", False),
    "ssv": ("spaceDelimited", False),
    "tsv": ("tabDelimited", False),  # no OpenAPI 3 counterpart
    "pipes": ("pipeDelimited", False),
    "multi": ("form", True),
}
_NOT_SCHEMA = frozenset(("name", "in", "required", "description", "collectionFormat", "allowEmptyValue"))
_FORM = "application/x-www-form-urlencoded"
_MULTIPART = "multipart/form-data"


def upgrade(root: Node) -> Node:
    """A copy of `root` with `paths`, `servers` and `components.securitySchemes` in 3.0's shape."""
    return root | {
        "openapi": "3.0.3",
        "servers": _servers(root),
        "paths": {path: _path_item(root, item) for path, item in nodes(root, "paths").items()},
        "components": {"securitySchemes": _security_schemes(nodes(root, "securityDefinitions"))},
    }


def _servers(root: Node) -> list[Node]:
    host, base = root.get("host"), str(root.get("basePath") or "")
    if not host:
        return [{"url": base or "/"}]
    schemes = strings(root, "schemes") or ["https"]
    return [{"url": f"{'https' if 'https' in schemes else schemes[0]}://{host}{base}"}]


def _path_item(root: Node, item: Node) -> Node:
    shared = children(item, "parameters")
    return {
        key: _operation(root, value, shared) if key in _METHODS and is_node(value) else value
        for key, value in item.items()
        if key != "parameters"
    }


def _operation(root: Node, operation: Node, shared: list[object]) -> Node:
    merged: dict[tuple[str, str], Node] = {}
    for given in filter(is_node, [*shared, *children(operation, "parameters")]):
        parameter = _resolve(root, given)
        merged[(str(parameter.get("name")), str(parameter.get("in")))] = parameter
    by_place = list(merged.values())
    out = operation | {
        "parameters": [_parameter(each) for each in by_place if each.get("in") not in ("body", "formData")]
    }
    consumes = strings(operation, "consumes") or strings(root, "consumes")
    body = _body([each for each in by_place if each.get("in") in ("body", "formData")], consumes)
    return out | ({"requestBody": body} if body else {})


def _resolve(root: Node, node: Node) -> Node:
    ref = str(node.get("$ref") or "")
    if not ref.startswith("#/parameters/"):
        return node
    return child(root, "parameters").get(ref.removeprefix("#/parameters/"), node)


def _schema(parameter: Node) -> Node:
    """The schema that stands directly in a non-body parameter."""
    return {key: value for key, value in parameter.items() if key not in _NOT_SCHEMA and not key.startswith("x-")}


def _parameter(parameter: Node) -> Node:
    if "$ref" in parameter:
        return parameter
    out = {key: parameter[key] for key in ("name", "in", "required", "description") if key in parameter}
    out["schema"] = _schema(parameter)
    if parameter.get("type") == "array":
        style, explode = _style(parameter)
        if parameter.get("in") in ("query", "cookie"):
            out |= {"style": style, "explode": explode}
    return out


def _style(parameter: Node) -> tuple[str, bool]:
    return _STYLES.get(str(parameter.get("collectionFormat") or "csv"), _STYLES["csv"])


def _body(parameters: list[Node], consumes: list[str]) -> Node | None:
    whole = next((each for each in parameters if each.get("in") == "body"), None)
    if whole is not None:
        types = [kind for kind in consumes if "json" in kind] or consumes[:1] or ["application/json"]
        content = {kind: {"schema": child(whole, "schema")} for kind in types}
        return {"required": bool(whole.get("required")), "content": content}
    if not parameters:
        return None
    return _form(parameters, consumes)


def _form(parameters: list[Node], consumes: list[str]) -> Node:
    has_file = any(each.get("type") == "file" for each in parameters)
    kind = _MULTIPART if has_file or (_MULTIPART in consumes and _FORM not in consumes) else _FORM
    schema = {
        "type": "object",
        "properties": {str(each["name"]): _field(each) for each in parameters if "name" in each},
        "required": [str(each["name"]) for each in parameters if each.get("required") and "name" in each],
    }
    encoding = {
        str(each["name"]): dict(zip(("style", "explode"), _style(each), strict=True))
        for each in parameters
        if each.get("type") == "array" and "name" in each
    }
    return {"required": bool(schema["required"]), "content": {kind: {"schema": schema, "encoding": encoding}}}


def _field(parameter: Node) -> Node:
    schema = _schema(parameter)
    if schema.get("type") == "file":
        schema |= {"type": "string", "format": "binary"}
    return schema | ({"description": parameter["description"]} if "description" in parameter else {})


def _security_schemes(definitions: Node) -> Node:
    return {
        name: {"type": "http", "scheme": "basic"} if scheme.get("type") == "basic" else scheme
        for name, scheme in definitions.items()
    }
