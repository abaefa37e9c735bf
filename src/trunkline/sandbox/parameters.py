"""Parameters of a request, decoded as OpenAPI's "Parameter Object" says (styles of RFC 6570) and checked.

Written from the specification, apart from the code that builds requests: the two must agree by being right.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import cast
from urllib.parse import unquote, unquote_plus

import orjson

from trunkline.sandbox.brackets import gather, settle
from trunkline.sandbox.coercion import is_only, read_text, types_of
from trunkline.sandbox.dialect import Dialect
from trunkline.sandbox.document import Document, Json, Node, is_object
from trunkline.sandbox.violation import Violation, Where, pointer

_DELIMITERS = {"form": ",", "simple": ",", "label": ".", "matrix": ",", "spaceDelimited": "%20", "pipeDelimited": "|"}
_IGNORED_HEADERS = frozenset(("accept", "content-type", "authorization"))  # the specification says so


@dataclass(frozen=True)
class Parameter:
    """One declared parameter, its defaults filled in."""

    name: str
    where: Where
    style: str
    explode: bool
    required: bool
    schema: Json
    is_json: bool  # declared by `content` of that type: the value is a JSON text

    @staticmethod
    def of(node: Node) -> "Parameter":
        where = cast("Where", node["in"])
        style = node.get("style") or ("form" if where in ("query", "cookie") else "simple")
        content = node.get("content")
        media: Node = next(iter(content.values())) if is_object(content) and content else {}
        return Parameter(
            name=str(node["name"]),
            where=where,
            style=style,
            explode=node.get("explode", style in ("form", "deepObject")),
            required=node.get("required") is True or where == "path",
            schema=(media if content else node).get("schema", {}),
            is_json=bool(content) and "json" in next(iter(content)),
        )


def declared(nodes: Iterable[Node]) -> list[Parameter]:
    """The parameters to check, of an operation's resolved parameter objects."""
    every = [Parameter.of(node) for node in nodes if node.get("in") in ("path", "query", "header", "cookie")]
    return [it for it in every if it.where != "header" or it.name.lower() not in _IGNORED_HEADERS]


@dataclass(frozen=True)
class Decoded:
    """Values by parameter name, and what was wrong with reading or checking them."""

    values: dict[str, Json]
    violations: list[Violation]


class Reader:
    """Decodes and checks the parameters of one document's operations."""

    def __init__(self, dialect: Dialect) -> None:
        self._dialect = dialect
        self._document: Document = dialect.document

    def path(self, parameters: Sequence[Parameter], sent: Mapping[str, str]) -> Decoded:
        """`sent`: percent-decoded text of every hole of the template."""
        found = {it.name: _unprefixed(it, sent[it.name]) for it in parameters if it.name in sent}
        return self._single(parameters, found)

    def headers(self, parameters: Sequence[Parameter], sent: Mapping[str, str]) -> Decoded:
        """`sent`: by lower-case name."""
        found = {it.name: sent[it.name.lower()] for it in parameters if it.name.lower() in sent}
        return self._single(parameters, found)

    def cookies(self, parameters: Sequence[Parameter], header: str) -> Decoded:
        pairs = (part.strip().partition("=") for part in header.split(";"))
        sent = {name: unquote(value) for name, _, value in pairs}
        return self._single(parameters, {it.name: sent[it.name] for it in parameters if it.name in sent})

    def query(self, parameters: Sequence[Parameter], raw: str, ignored: frozenset[str]) -> Decoded:
        """`raw`: the query as sent. `ignored` names what belongs to the credential. Unknown names are violations."""
        left = _pairs(raw)
        decoded = Decoded({}, [])
        for parameter in sorted(parameters, key=self._is_spread):
            self._take(parameter, left, decoded)
        unknown = dict.fromkeys(name for name in left if name not in ignored)
        decoded.violations.extend(
            Violation("query", pointer(name), "unknown", "no such query parameter") for name in unknown
        )
        return decoded

    def _single(self, parameters: Sequence[Parameter], sent: Mapping[str, str]) -> Decoded:
        decoded = Decoded({}, [])
        for parameter in parameters:
            texts = [sent[parameter.name]] if parameter.name in sent else []
            self._settle(parameter, texts, decoded)
        return decoded

    def _take(self, parameter: Parameter, left: dict[str, list[str]], decoded: Decoded) -> None:
        if parameter.style == "deepObject" and (tree := gather(parameter.name, left)) is not None:
            return self._check(parameter, settle(self._dialect, parameter.schema, tree), decoded)
        if self._is_spread(parameter):
            return self._spread(parameter, left, decoded)
        return self._settle(parameter, left.pop(parameter.name, []), decoded)

    def _is_spread(self, parameter: Parameter) -> bool:
        """Whether an object's properties are query parameters of their own; it takes what no other claims."""
        objects = parameter.style == "form" and parameter.explode and not parameter.is_json
        return objects and is_only(self._document, parameter.schema, "object")

    def _spread(self, parameter: Parameter, left: dict[str, list[str]], decoded: Decoded) -> None:
        schema = self._document.node(parameter.schema)
        properties = self._document.node(schema.get("properties"))
        extra = schema.get("additionalProperties", not properties)
        names = [name for name in left if name in properties or extra]
        value = {name: self._text(properties.get(name, {}), unquote_plus(left.pop(name)[0])) for name in names}
        if value or parameter.required:
            self._check(parameter, value, decoded)

    def _settle(self, parameter: Parameter, texts: list[str], decoded: Decoded) -> None:
        """Check the texts sent for a parameter (still percent-encoded where they come from a query)."""
        if not texts:
            if parameter.required:
                path = pointer(parameter.name)
                expected = "a value: it is required"
                decoded.violations.append(Violation(parameter.where, path, "required", expected, "nothing"))
            return
        types = types_of(self._document, parameter.schema)
        listed = "array" in types and not parameter.is_json and ("string" not in types or len(texts) > 1)
        if len(texts) > 1 and not (listed and parameter.explode):
            path = pointer(parameter.name)
            decoded.violations.append(Violation(parameter.where, path, "repeated", "one value", f"{len(texts)} values"))
            return
        try:
            value = self._value(
                parameter, texts, listed=listed, mapped=is_only(self._document, parameter.schema, "object")
            )
        except ValueError:
            decoded.violations.append(Violation(parameter.where, pointer(parameter.name), "syntax", "a JSON text"))
            return
        self._check(parameter, value, decoded)

    def _value(self, parameter: Parameter, texts: list[str], *, listed: bool, mapped: bool) -> Json:
        if parameter.is_json:
            return orjson.loads(self._decode(parameter, texts[0]))
        node = self._document.node(parameter.schema)
        if listed:
            parts = texts if parameter.where == "query" and parameter.explode else _split(parameter, texts[0])
            return [self._text(node.get("items", {}), self._decode(parameter, part)) for part in parts]
        if mapped:
            return self._mapped(parameter, node, texts[0])
        return self._text(parameter.schema, self._decode(parameter, texts[0]))

    def _mapped(self, parameter: Parameter, node: Node, text: str) -> Json:
        parts = [self._decode(parameter, part) for part in _split(parameter, text)]
        properties = self._document.node(node.get("properties"))
        pairs: Iterator[Sequence[str]] = (
            (part.partition("=")[::2] for part in parts)
            if parameter.explode
            else zip(parts[::2], parts[1::2], strict=False)
        )
        return {name: self._text(properties.get(name, {}), value) for name, value in pairs}

    def _decode(self, parameter: Parameter, text: str) -> str:
        return unquote_plus(text) if parameter.where == "query" else text

    def _text(self, schema: Json, text: str) -> Json:
        """What is nested deeper than a style reaches comes as JSON."""
        kind = {"{": "object", "[": "array"}.get(text[:1])
        if kind and is_only(self._document, schema, kind):
            return orjson.loads(text)
        return read_text(self._dialect, schema, text)

    def _check(self, parameter: Parameter, value: Json, decoded: Decoded) -> None:
        decoded.values[parameter.name] = value
        decoded.violations.extend(self._dialect.violations(value, parameter.schema, parameter.where, parameter.name))


def _pairs(raw: str) -> dict[str, list[str]]:
    """Values by decoded name; the values still encoded, since a delimiter counts only where it is literal."""
    found: dict[str, list[str]] = {}
    for part in raw.split("&"):
        if part:
            name, _, value = part.partition("=")
            found.setdefault(unquote_plus(name), []).append(value)
    return found


def _split(parameter: Parameter, text: str) -> list[str]:
    delimiter = _DELIMITERS.get(parameter.style, ",")
    if parameter.style == "pipeDelimited":
        text = text.replace("%7C", "|").replace("%7c", "|")
    elif parameter.style == "spaceDelimited":
        text = text.replace("+", "%20")
    parts = text.split(delimiter)
    return [part.strip() for part in parts] if parameter.where == "header" else parts


def _unprefixed(parameter: Parameter, text: str) -> str:
    if parameter.style == "label":
        return text.removeprefix(".")
    if parameter.style == "matrix":
        return text.removeprefix(f";{parameter.name}=")
    return text
