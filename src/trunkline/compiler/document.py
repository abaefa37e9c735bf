"""An API description in memory: parsed, references resolved on demand."""

import re
from collections.abc import Hashable
from typing import Any
from urllib.parse import unquote

import msgspec
import yaml

from trunkline.catalog.corrections import Corrections
from trunkline.catalog.family import Paths
from trunkline.catalog.manifest import OWN
from trunkline.compiler.merge import merge
from trunkline.compiler.node import Node, is_list, is_node
from trunkline.compiler.swagger2 import upgrade
from trunkline.contract import InvalidManifest

METHODS = ("get", "put", "post", "delete", "patch", "head", "options")
_MAX_HOPS = 50
_MEMO_SIZE = 100_000
Memo = dict[tuple[int, object], tuple[Node | None, int, object]]


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
        self.lost: set[str] = set()  # what references do not lead to, as sentences
        self._targets: dict[str, object] = {}
        self._flat: dict[int, tuple[Node, tuple[str, ...], object]] = {}
        self._memos: dict[Hashable, Memo] = {}

    @staticmethod
    def parse(
        text: bytes, where: str, paths: Paths | None = None, corrections: Corrections | None = None
    ) -> "Document":
        """Reads JSON or YAML, of its paths only those that `paths` admits, with `corrections`.

        Raises InvalidManifest if it is neither, or no description of a known version.
        """
        root = _decode(text, where, paths or Paths())
        if str(root.get("swagger", "")).startswith("2."):
            root = upgrade(root)
        if not str(root.get("openapi", "")).startswith(("3.0", "3.1")):
            raise InvalidManifest(f"{where}: not an OpenAPI 3.0, 3.1 or Swagger 2.0 description")
        if not is_node(root.get("paths")):
            raise InvalidManifest(f"{where}: paths: missing")
        return Document(corrections.applied(root) if corrections else root, named=where.startswith(OWN))

    def memo(self, of: Hashable) -> Memo:
        """What `of` remembers of this description's schemas; forgotten when it grows out of bounds."""
        memo = self._memos.setdefault(of, {})
        if len(memo) > _MEMO_SIZE:
            memo.clear()
        return memo

    def resolve(self, node: object) -> Node:
        """`node`, or what its chain of `$ref` leads to. Raises BrokenDescription."""
        for _ in range(_MAX_HOPS):
            if not is_node(node):
                raise BrokenDescription(f"an object was expected, not {type(node).__name__}")
            ref = node.get("$ref")
            if not isinstance(ref, str):
                return node
            node = self._led_to(ref)
        raise BrokenDescription("a $ref leads round in a circle")

    def flatten(self, schema: object) -> tuple[Node, tuple[str, ...]]:
        """`schema` with its own references followed and `allOf` merged in, and the references followed on the way.

        Nested schemas (properties, items, variants) are left as they are. What is no schema, or leads to none, takes
        anything, and is noted in `lost`. The result must not be changed.
        """
        known = self._flat.get(id(schema))
        if known is None:
            flat, refs = self._flatten(schema, ())
            known = self._flat[id(schema)] = (flat, refs, schema)  # holding the schema keeps its id taken
        return known[0], known[1]

    def _flatten(self, schema: object, seen: tuple[str, ...]) -> tuple[Node, tuple[str, ...]]:
        if not is_node(schema):
            if not isinstance(schema, bool):  # 3.1 allows `true` for anything
                self.lost.add(f"a schema was expected, not {type(schema).__name__}")
            return {}, seen
        ref = schema.get("$ref")
        if isinstance(ref, str):
            return self._flatten_reference(ref, schema, seen)
        if not is_list(schema.get("allOf")):
            return schema, seen
        refs = seen
        parts: list[Node] = []
        for part in schema["allOf"]:
            flat, refs = self._flatten(part, refs)
            parts.append(flat)
        return merge([*parts, {key: value for key, value in schema.items() if key != "allOf"}]), refs

    def _flatten_reference(self, ref: str, schema: Node, seen: tuple[str, ...]) -> tuple[Node, tuple[str, ...]]:
        if ref in seen:
            return {}, seen
        target: object = {}
        try:
            target = self._led_to(ref)
        except BrokenDescription as problem:
            self.lost.add(str(problem))
        flat, refs = self._flatten(target, (*seen, ref))
        beside = self._beside(schema)
        return (merge([flat, beside]) if beside else flat), refs

    def _beside(self, schema: Node) -> Node:
        """What stands beside a `$ref`: counts in 3.1; of 3.0 we take the texts, which authors mean."""
        texts = ("description", "readOnly")
        return {key: value for key, value in schema.items() if key != "$ref" and (self.modern or key in texts)}

    def _led_to(self, ref: str) -> object:
        if ref not in self._targets:
            self._targets[ref] = self._follow(ref)
        return self._targets[ref]

    def _follow(self, ref: str) -> object:
        """What a reference leads to (RFC 6901), through other references on its way.

        A file before the fragment is taken to be this one, if this one has such a place: descriptions that were written
        in several files and published as one keep the files' names.
        """
        file, mark, pointer = ref.partition("#/")
        node: Any = self.root if mark else None
        for part in pointer.split("/"):
            key = unquote(part).replace("~1", "/").replace("~0", "~")
            node = _step(self.resolve(node) if is_node(node) and key not in node else node, key)
            if node is _NOTHING:
                why = "leads out of the description" if file or not mark else "leads nowhere"
                raise BrokenDescription(f"$ref {ref!r} {why}")
        return node


_NOTHING = object()


def _step(node: Any, key: str) -> Any:
    """What stands at `key`, `_NOTHING` if nothing does."""
    try:
        return node[int(key)] if is_list(node) else node[key]
    except (KeyError, IndexError, ValueError, TypeError):
        return _NOTHING


def _decode(text: bytes, where: str, paths: Paths) -> Node:
    try:
        is_json = text.lstrip()[:1] in (b"{", b"\xef")
        root: Any = _json(text.removeprefix(b"\xef\xbb\xbf"), paths) if is_json else _yaml(text)
    except (msgspec.DecodeError, yaml.YAMLError, RecursionError) as error:
        raise InvalidManifest(f"{where}: neither JSON nor YAML: {error}") from error
    if not is_node(root):
        raise InvalidManifest(f"{where}: not an object")
    return root


def _json(text: bytes, paths: Paths) -> object:
    """Of a large description of which little is wanted, what is not wanted is never made into objects."""
    if not paths.include:
        return msgspec.json.decode(text)
    raw = msgspec.json.decode(text, type=dict[str, msgspec.Raw])
    root: Node = {key: msgspec.json.decode(value) for key, value in raw.items() if key != "paths"}
    items = msgspec.json.decode(raw.get("paths", b"{}"), type=dict[str, msgspec.Raw])
    return root | {"paths": {path: msgspec.json.decode(item) for path, item in items.items() if paths.admit(path)}}


class _Loader(yaml.CSafeLoader):
    """Safe YAML as JSON knows it: dates, `yes` and `off` stay text (YAML 1.2, section 10.3.2), so do all names."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, object]:
        found = super().construct_mapping(node, deep)  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
        return {name if isinstance(name, str) else msgspec.json.encode(name).decode(): it for name, it in found.items()}


_TIMESTAMP, _BOOL = "tag:yaml.org,2002:timestamp", "tag:yaml.org,2002:bool"
_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag not in (_TIMESTAMP, _BOOL)]
    for first, resolvers in yaml.CSafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver(_BOOL, re.compile(r"(?:true|True|TRUE|false|False|FALSE)$"), list("tTfF"))  # pyright: ignore[reportUnknownMemberType]


def _yaml(text: bytes) -> object:
    return yaml.load(text, _Loader)  # noqa: S506 - _Loader is a safe loader
