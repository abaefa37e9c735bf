"""The body of a request: its media type, then its value against the schema. XML is checked by media type only."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import unquote_plus

import orjson

from trunkline.sandbox.brackets import Tree, gather, property_of, settle
from trunkline.sandbox.closed import undeclared
from trunkline.sandbox.coercion import is_only, read_text, types_of
from trunkline.sandbox.dialect import Dialect
from trunkline.sandbox.document import Json, Node, is_array, is_object
from trunkline.sandbox.multipart import Part, contents_of, parameters_of, parts_of
from trunkline.sandbox.violation import Violation

FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data"
RELATED = "multipart/related"


@dataclass(frozen=True)
class CheckedBody:
    value: Json  # None where there is none, or it is not structured
    violations: list[Violation]


class BodyReader:
    """Checks bodies against a "Request Body Object" of one document."""

    def __init__(self, dialect: Dialect) -> None:
        self._dialect = dialect
        self._document = dialect.document

    def check(self, declared: Json, content_type: str, body: bytes) -> CheckedBody:
        """`declared`: the operation's `requestBody`, or None."""
        request_body = self._document.node(declared)
        content: Mapping[str, Json] = self._document.node(request_body.get("content"))
        if not body and not content_type.startswith(MULTIPART):
            return self._absent(request_body, content, content_type)
        if not content:
            return CheckedBody(None, [Violation("body", "", "unknown", "no body", f"{len(body)} bytes")])
        media = _chosen(content, content_type)
        if media is None:
            expected = " or ".join(content)
            return CheckedBody(None, [Violation("header", "/Content-Type", "media type", expected, content_type)])
        return self._present(self._document.node(content[media]), content_type, body)

    def _absent(self, request_body: Node, content: Mapping[str, Json], content_type: str) -> CheckedBody:
        """An empty form cannot be told from none: it is right if nothing in it is required."""
        form = content.get(FORM)
        if form is not None and (content_type.startswith(FORM) or len(content) == 1):
            return self._structured({}, self._document.node(form).get("schema", {}))
        if not request_body.get("required"):
            return CheckedBody(None, [])
        return CheckedBody(None, [Violation("body", "", "required", "a body: it is required", "nothing")])

    def _present(self, media: Node, content_type: str, body: bytes) -> CheckedBody:
        schema = media.get("schema", {})
        kind = content_type.partition(";")[0].strip().lower()
        try:
            if kind.endswith(("/json", "+json")):
                return self._structured(orjson.loads(body), schema)
            if kind == FORM:
                return self._structured(self._form(media, schema, body.decode()), schema)
            if kind == MULTIPART:
                return self._parted(schema, content_type, body)
            if kind == RELATED:
                return self._related(schema, content_type, body)
        except ValueError:
            return CheckedBody(None, [Violation("body", "", "syntax", f"a body of type {kind}")])
        return self._raw(schema, kind, body)

    def _raw(self, schema: Json, kind: str, body: bytes) -> CheckedBody:
        node = self._document.node(schema)
        if not kind.startswith("text/") or node.get("format") in ("binary", "byte"):
            return CheckedBody(None, [])
        value = body.decode("utf-8", "replace")
        return CheckedBody(value, self._dialect.violations(value, schema, "body"))

    def _parted(self, schema: Json, content_type: str, body: bytes) -> CheckedBody:
        """Parts are named values; a schema that is no object says nothing of them."""
        value = self._multipart(schema, content_type, body)
        if "object" not in types_of(self._document, schema):
            return CheckedBody(value, [])
        return self._structured(value, schema, files=True)

    def _related(self, schema: Json, content_type: str, body: bytes) -> CheckedBody:
        """A JSON text that `schema` describes, then the file it belongs to (RFC 2387)."""
        contents = contents_of(body, parameters_of(content_type).get("boundary", ""))
        if len(contents) != 2 or contents[0][0] != "application/json":
            return CheckedBody(
                None, [Violation("body", "", "syntax", "a JSON text and a file", f"{len(contents)} parts")]
            )
        return self._structured(orjson.loads(contents[0][1]), schema)

    def _structured(self, value: Json, schema: Json, *, files: bool = False) -> CheckedBody:
        violations = self._dialect.violations(_without_files(value) if files else value, schema, "body")
        return CheckedBody(value, violations + undeclared(self._document, schema, value))

    def _form(self, media: Node, schema: Json, text: str) -> dict[str, Json]:
        left: dict[str, list[str]] = {}
        for pair in text.split("&"):
            if pair:
                name, _, value = pair.partition("=")
                left.setdefault(unquote_plus(name), []).append(value)
        encoding = self._document.node(media.get("encoding"))
        roots = dict.fromkeys(name.partition("[")[0] if name not in self._names(schema) else name for name in left)
        return {root: self._field(root, left, schema, self._document.node(encoding.get(root))) for root in roots}

    def _names(self, schema: Json) -> Node:
        return self._document.node(self._document.node(schema).get("properties"))

    def _field(self, root: str, left: dict[str, list[str]], schema: Json, encoding: Node) -> Json:
        declared = property_of(self._dialect, schema, root)
        tree: Tree | None = gather(root, left)
        if tree is not None:
            left.pop(root, None)
            return settle(self._dialect, declared, tree)
        texts = left.pop(root)
        if len(texts) == 1 and encoding.get("explode") is False and "," in texts[0]:
            texts = texts[0].split(",")
        return self._texts(declared, [unquote_plus(text) for text in texts])

    def _texts(self, schema: Json, texts: list[str]) -> Json:
        """A field by its type: items repeat, objects are JSON (the default `contentType` of the Encoding Object)."""
        node = self._document.node(schema)
        if len(texts) > 1 or is_only(self._document, schema, "array"):
            if len(texts) == 1 and texts[0].startswith("["):
                return orjson.loads(texts[0])
            return [self._texts(node.get("items", {}), [text]) for text in texts]
        if is_only(self._document, schema, "object") or (
            "string" not in types_of(self._document, schema) and texts[0][:1] in ("{", "[")
        ):
            return orjson.loads(texts[0])
        return read_text(self._dialect, schema, texts[0])

    def _multipart(self, schema: Json, content_type: str, body: bytes) -> dict[str, Json]:
        fields: dict[str, list[Part]] = {}
        for part in parts_of(body, parameters_of(content_type).get("boundary", "")):
            fields.setdefault(part.name, []).append(part)
        return {name: self._parts(property_of(self._dialect, schema, name), parts) for name, parts in fields.items()}

    def _parts(self, schema: Json, parts: list[Part]) -> Json:
        if any(part.is_file for part in parts):
            files: list[Json] = [part.content for part in parts]
            return files if is_only(self._document, schema, "array") else files[0]
        return self._texts(schema, [part.content.decode() for part in parts])


def _chosen(content: Mapping[str, Json], content_type: str) -> str | None:
    """The key of `content` that covers a media type: exact, else by range (`image/*`, `*/*`)."""
    kind = content_type.partition(";")[0].strip().lower()
    if not kind:
        return None
    keys = {key.partition(";")[0].strip().lower(): key for key in content}
    ranges = (kind, kind.partition("/")[0] + "/*", "*/*", "*")
    return next((keys[key] for key in ranges if key in keys), None)


def _without_files(value: Json) -> Json:
    """Files stand as text: their bytes are for no schema to judge."""
    if is_object(value):
        return {name: _without_files(child) for name, child in value.items()}
    if is_array(value):
        return [_without_files(child) for child in value]
    return "file" if isinstance(value, bytes) else value
