"""An API description in memory: parsed, references resolved on demand."""

from typing import Any
from urllib.parse import unquote

import msgspec
import yaml

from trunkline.catalog.manifest import OWN
from trunkline.compiler.merge import merge
from trunkline.compiler.node import Node, is_list, is_node
from trunkline.compiler.swagger2 import upgrade
from trunkline.contract import InvalidManifest

METHODS = ("get", "put", "post", "delete", "patch", "head", "options")
_MAX_HOPS = 50


class BrokenDescription(ValueError):
    """A part of a description that cannot be used; says which and why."""


class Document:
    """An OpenAPI 3.0 or 3.1 description; a Swagger 2.0 one is brought to 3.0's shape.

    In one of ours (`named`) an operationId is a tool's name, verb_noun.
    """

    def __init__(self, root: Node, *, named: bool = False) -> None:
        self.root = root
        self.named = named
        self.modern = str(root.get("openapi", "")).startswith("3.1")
        self._flat: dict[int, tuple[Node, tuple[str, ...], object]] = {}

    @staticmethod
    def parse(text: bytes, where: str) -> "Document":
        """Reads JSON or YAML. Raises InvalidManifest if it is neither, or no description of a known version."""
        root = _decode(text, where)
        if str(root.get("swagger", "")).startswith("2."):
            root = upgrade(root)
        if not str(root.get("openapi", "")).startswith(("3.0", "3.1")):
            raise InvalidManifest(f"{where}: not an OpenAPI 3.0, 3.1 or Swagger 2.0 description")
        if not is_node(root.get("paths")):
            raise InvalidManifest(f"{where}: paths: missing")
        return Document(root, named=where.startswith(OWN))

    def resolve(self, node: object) -> Node:
        """`node`, or what its chain of `$ref` leads to. Raises BrokenDescription."""
        for _ in range(_MAX_HOPS):
            if not is_node(node):
                raise BrokenDescription(f"an object was expected, not {type(node).__name__}")
            ref = node.get("$ref")
            if not isinstance(ref, str):
                return node
            node = self._follow(ref)
        raise BrokenDescription("a $ref leads round in a circle")

    def flatten(self, schema: Node) -> tuple[Node, tuple[str, ...]]:
        """`schema` with its own references followed and `allOf` merged in, and the references followed on the way.

        Nested schemas (properties, items, variants) are left as they are. The result must not be changed.
        """
        known = self._flat.get(id(schema))
        if known is None:
            flat, refs = self._flatten(schema, ())
            known = self._flat[id(schema)] = (flat, refs, schema)  # holding the schema keeps its id taken
        return known[0], known[1]

    def _flatten(self, schema: Node, seen: tuple[str, ...]) -> tuple[Node, tuple[str, ...]]:
        ref = schema.get("$ref")
        if isinstance(ref, str):
            if ref in seen:
                return {}, seen
            flat, refs = self._flatten(self._schema(self._follow(ref)), (*seen, ref))
            beside = self._beside(schema)
            return (merge([flat, beside]) if beside else flat), refs
        if "allOf" not in schema:
            return schema, seen
        refs = seen
        parts: list[Node] = []
        for part in schema["allOf"]:
            flat, refs = self._flatten(self._schema(part), refs)
            parts.append(flat)
        return merge([*parts, {key: value for key, value in schema.items() if key != "allOf"}]), refs

    def _beside(self, schema: Node) -> Node:
        """What stands beside a `$ref`: counts in 3.1; of 3.0 we take the texts, which authors mean."""
        texts = ("description", "readOnly")
        return {key: value for key, value in schema.items() if key != "$ref" and (self.modern or key in texts)}

    def _schema(self, node: object) -> Node:
        """3.1 allows `true` for anything."""
        return {} if node is True else self.resolve_shallow(node)

    @staticmethod
    def resolve_shallow(node: object) -> Node:
        if not is_node(node):
            raise BrokenDescription(f"a schema was expected, not {type(node).__name__}")
        return node

    def _follow(self, ref: str) -> object:
        if not ref.startswith("#"):
            raise BrokenDescription(f"$ref {ref!r} leads out of the description")
        node: Any = self.root
        for part in ref.removeprefix("#").split("/")[1:]:
            key = unquote(part).replace("~1", "/").replace("~0", "~")
            try:
                node = node[int(key)] if is_list(node) else node[key]
            except (KeyError, IndexError, ValueError, TypeError):
                raise BrokenDescription(f"$ref {ref!r} leads nowhere") from None
        return node


def _decode(text: bytes, where: str) -> Node:
    try:
        is_json = text.lstrip()[:1] in (b"{", b"\xef")
        root: Any = msgspec.json.decode(text.removeprefix(b"\xef\xbb\xbf")) if is_json else _yaml(text)
    except (msgspec.DecodeError, yaml.YAMLError, RecursionError) as error:
        raise InvalidManifest(f"{where}: neither JSON nor YAML: {error}") from error
    if not is_node(root):
        raise InvalidManifest(f"{where}: not an object")
    return root


class _Loader(yaml.CSafeLoader):
    """Safe YAML that leaves dates as text, as JSON would."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.CSafeLoader.yaml_implicit_resolvers.items()
}


def _yaml(text: bytes) -> object:
    return yaml.load(text, _Loader)  # noqa: S506 - _Loader is a safe loader
