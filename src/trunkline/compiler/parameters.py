"""Parameters of an operation -> arguments and rows of the plan (OpenAPI 3.1, section Parameter Object)."""

import re
from collections.abc import Iterable

from trunkline.compiler.arguments import Inputs
from trunkline.compiler.document import BrokenDescription, Document
from trunkline.compiler.node import Node, child, children, is_node
from trunkline.compiler.text import plain
from trunkline.contract import Parameter

_HOLE = re.compile(r"\{([^{}]+)\}")
_HELD = re.compile(r"([^=&{}]+)=\{([^{}&]+)\}")  # a pair of a query whose value is a parameter
_NAMED = re.compile(r"\{([^{}&]+)\}=[^=&{}]*")  # one whose name is, with a value to show how it is used
_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # RFC 9110, section 5.1
_PLACES = ("path", "query", "header", "cookie")
_STYLES: dict[str, tuple[str, ...]] = {
    "path": ("simple", "label", "matrix"),
    "query": ("form", "spaceDelimited", "pipeDelimited", "deepObject", "tabDelimited"),
    "header": ("simple",),
    "cookie": ("form",),
}
# "If in is header and name is Accept, Content-Type or Authorization, the parameter definition SHALL be ignored."
IGNORED_HEADERS = frozenset(("accept", "content-type", "authorization", "content-length", "accept-encoding", "host"))


def of_operation(document: Document, path: str, item: Node, operation: Node) -> list[Node]:
    """The operation's parameters, path first, then as listed; its own override those of the path item.

    A hole of the path that no parameter describes becomes a string; one in a query that is written into the path
    (`/orders?city={city}`, `/orders?{city}=1`) is a parameter of the query. Raises BrokenDescription.
    """
    found: dict[tuple[str, str], Node] = {}
    for given in [*children(item, "parameters"), *children(operation, "parameters")]:
        parameter = document.resolve(given)
        name, place = parameter.get("name"), parameter.get("in")
        if not isinstance(name, str) or place not in _PLACES:
            raise BrokenDescription(f"a parameter without a name or a place: name {name!r}, in {place!r}")
        if place == "header" and not _HEADER_NAME.fullmatch(name):
            name = name.strip().removesuffix(":")  # `Content-Type:`, a slip
            parameter = parameter | {"name": name}
        found[(name, str(place))] = parameter
    way, _, query = path.partition("#")[0].partition("?")
    in_path = [_at_hole(found, hole) for hole in dict.fromkeys(_HOLE.findall(way))]
    for name, hole in _HELD.findall(_NAMED.sub(r"\1={\1}", query)):
        found[(name, "query")] = found.get((name, "query")) or _at_hole(found, hole) | {"name": name, "in": "query"}
    return in_path + [parameter for (_, place), parameter in found.items() if place != "path"]


def without_holes(path: str) -> str:
    """The path without the pairs of its query whose values are parameters, and without a fragment."""
    way, _, query = path.partition("#")[0].partition("?")
    fixed = "&".join(
        pair for pair in query.split("&") if pair and not (_HELD.fullmatch(pair) or _NAMED.fullmatch(pair))
    )
    return f"{way}?{fixed}" if fixed else way


def _at_hole(found: dict[tuple[str, str], Node], hole: str) -> Node:
    return found.get((hole, "path"), {"name": hole, "in": "path", "schema": {"type": "string"}})


def compile_parameters(parameters: Iterable[Node], inputs: Inputs) -> tuple[Parameter, ...]:
    """Adds each parameter to the arguments, but for those that are never one."""
    rows: list[Parameter] = []
    for parameter in parameters:
        name, place = str(parameter["name"]), str(parameter["in"])
        if (place, name.lower()) in inputs.hidden or (place == "header" and name.lower() in IGNORED_HEADERS):
            continue
        media_type, schema = _schema(parameter)
        required = place == "path" or parameter.get("required") is True
        shaped = inputs.shaper.argument(schema, as_text=not media_type, required=required)
        argument = inputs.arguments.add(
            name, place, _described(shaped, parameter, inputs.level.text), required=required, whole=schema
        )
        rows.append(_row(argument, parameter, media_type))
    return tuple(rows)


def _schema(parameter: Node) -> tuple[str, Node]:
    """(its media type if that is JSON, schema) of a parameter, whichever way it says it."""
    for media_type, media in child(parameter, "content").items():
        is_json = media_type.partition(";")[0].endswith(("/json", "+json"))
        return media_type if is_json else "", child(media, "schema") if is_node(media) else {}
    return "", child(parameter, "schema") or {"type": "string"}


def _described(schema: Node, parameter: Node, text: int) -> Node:
    """What the parameter itself says describes the argument better than its schema does."""
    out = dict(schema)
    description = plain(parameter.get("description"), text)
    if description and description.lower() != str(parameter["name"]).lower():
        out["description"] = description
    if parameter.get("in") == "path":  # there is no empty segment
        out |= {"minLength": 1} if "pattern" in out and "minLength" not in out else {}
        if out.get("default") == "":
            del out["default"]
    example = parameter.get("example")
    if "pattern" in out and isinstance(example, str) and len(example) <= 40:
        out["examples"] = [example]
    return out


def _row(argument: str, parameter: Node, media_type: str) -> Parameter:
    place = str(parameter["in"])
    styles = _STYLES[place]
    style = str(parameter.get("style") or styles[0])
    explode = parameter.get("explode")
    return Parameter(
        argument=argument,
        name=str(parameter["name"]),
        location=place,
        style=style if style in styles[1:] else "",
        explode=explode if isinstance(explode, bool) and explode != (style == "form") else None,
        allow_reserved=parameter.get("allowReserved") is True or parameter.get("x-multi-segment") is True,
        media_type=media_type,
    )
