"""Forms of the query and ec2 protocols: `Filter.1.Name=…` -> values. botocore writes them, but reads none."""

from typing import Any
from urllib.parse import parse_qsl

from botocore.model import ListShape, MapShape, Shape, StructureShape

from trunkline.sandbox.aws.scalars import scalar

_VALUE = ""  # the key of a node's own text

Tree = dict[str, Any]


class FormReader:
    """`ec2` differs in how names and lists are written."""

    def __init__(self, *, ec2: bool) -> None:
        self._ec2 = ec2

    def read(self, body: bytes, shape: StructureShape) -> dict[str, Any]:
        """Raises ValueError for a text that is not of its member's type."""
        tree: Tree = {}
        for name, value in parse_qsl(body.decode(), keep_blank_values=True):
            node = tree
            for step in name.split("."):
                node = node.setdefault(step, {})
            node[_VALUE] = value
        return self._structure(tree, shape)

    def _structure(self, node: Tree, shape: StructureShape) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for name, member in shape.members.items():
            inner = node.get(self._name(member, name))
            if inner is not None:
                found[name] = self._value(inner, member)
        return found

    def _name(self, shape: Shape, default: str) -> str:
        names: Any = shape.serialization
        if self._ec2:
            name = names.get("name", default)
            return names.get("queryName") or (name[0].upper() + name[1:] if "name" in names else default)
        if isinstance(shape, ListShape) and names.get("flattened"):
            return shape.member.serialization.get("name") or names.get("name", default)
        return names.get("name", default)

    def _value(self, node: Tree, shape: Shape) -> Any:
        if isinstance(shape, StructureShape):
            return self._structure(node, shape)
        if isinstance(shape, ListShape):
            return [self._value(item, shape.member) for item in self._items(node, shape)]
        if isinstance(shape, MapShape):
            return self._map(node, shape)
        return scalar(str(node.get(_VALUE, "")), shape)

    def _items(self, node: Tree, shape: ListShape) -> list[Tree]:
        if not self._ec2 and not shape.serialization.get("flattened"):
            node = node.get(shape.member.serialization.get("name", "member"), {})
        return [node[key] for key in sorted((key for key in node if key.isdigit()), key=int)]

    def _map(self, node: Tree, shape: MapShape) -> dict[str, Any]:
        entries = node if shape.serialization.get("flattened") else node.get("entry", {})
        key = shape.key.serialization.get("name", "key")
        value = shape.value.serialization.get("name", "value")
        return {entry[key][_VALUE]: self._value(entry[value], shape.value) for entry in entries.values()}
