"""Parameters that have one legal value: they are part of the request, and nobody is asked for them."""

import re
from collections.abc import Iterable, Mapping
from urllib.parse import quote

from trunkline.compiler.arguments import Inputs
from trunkline.compiler.document import Document
from trunkline.compiler.node import Node, child, children
from trunkline.compiler.parameters import IGNORED_HEADERS

_PLACES = ("query", "header")
_DATED = re.compile(r"\d{4}-\d{2}-\d{2}(?:-preview)?")
# A version of the type of resource that the caller names, not one of the description.
_TYPE_OF_CALLER = re.compile(r"\{(?:resourceId|resourceType|resourceProviderNamespace)\}", re.IGNORECASE)


def fixed(inputs: Inputs, path: str, parameters: Iterable[Node]) -> dict[tuple[str, str], str]:
    """(place, name) -> value, of the required parameters of the operation at `path` that an argument could be."""
    found: dict[tuple[str, str], str] = {}
    for parameter in parameters:
        place, name = str(parameter["in"]), str(parameter["name"])
        ours = (place, name.lower()) in inputs.hidden or (place == "header" and name.lower() in IGNORED_HEADERS)
        if parameter.get("required") is True and place in _PLACES and not ours:
            value = _only_value(inputs.document, parameter) or _version(inputs.document, path, parameter)
            found |= {(place, name): value} if value else {}
    return found


def with_query(path: str, fixed: Mapping[tuple[str, str], str]) -> str:
    """`path` with those that go into the query written into it."""
    pairs = [f"{quote(name)}={quote(value)}" for (place, name), value in fixed.items() if place == "query"]
    return f"{path}{'&' if '?' in path else '?'}{'&'.join(pairs)}" if pairs else path


def headers(fixed: Mapping[tuple[str, str], str]) -> dict[str, str]:
    return {name: value for (place, name), value in fixed.items() if place == "header"}


def _only_value(document: Document, parameter: Node) -> str:
    flat, _ = document.flatten(child(parameter, "schema"))
    values = [flat["const"]] if "const" in flat else children(flat, "enum")
    return values[0] if len(values) == 1 and isinstance(values[0], str) else ""


def _version(document: Document, path: str, parameter: Node) -> str:
    """Azure's `api-version` is the description's own version (Microsoft REST API Guidelines, section Versioning)."""
    if parameter["name"] != "api-version" or _TYPE_OF_CALLER.search(path):
        return ""
    schema, _ = document.flatten(child(parameter, "schema"))
    default, version = schema.get("default"), str(child(document.root, "info").get("version"))
    if isinstance(default, str):
        return default
    return version if _DATED.fullmatch(version) and "enum" not in schema else ""
