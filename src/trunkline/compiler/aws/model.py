"""The files that botocore publishes of one service: its model, its endpoint rules, its paginators."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import msgspec

from trunkline.compiler.draft import Texts
from trunkline.compiler.node import Node, child, is_node, nodes
from trunkline.contract import InvalidManifest


@dataclass(frozen=True)
class Model:
    """A service model (format 2.0), its endpoint rules, the partitions those rules ask for, its paginators."""

    metadata: Node
    operations: dict[str, Node]
    shapes: dict[str, Node]
    rules: Node
    partitions: Node
    pagination: dict[str, Node] = field(default_factory=dict[str, Node])

    @staticmethod
    def parse(texts: Texts) -> "Model":
        """Raises InvalidManifest if a file is missing or is not what its name says."""
        files = {_kind(source): _decode(source, text) for source, text in texts}
        missing = [kind for kind in ("service-2", "endpoint-rule-set-1", "partitions") if kind not in files]
        if missing:
            raise InvalidManifest(f"source: no {', '.join(missing)}", "An AWS service needs each of these files.")
        service = _merged(files["service-2"], child(files.get("service-2.sdk-extras", {}), "merge"))
        return Model(
            child(service, "metadata"),
            nodes(service, "operations"),
            nodes(service, "shapes"),
            files["endpoint-rule-set-1"],
            files["partitions"],
            nodes(files.get("paginators-1", {}), "pagination"),
        )

    def shape(self, reference: Node) -> Node:
        """What a reference (`{"shape": name}`) leads to; empty if it leads nowhere."""
        return self.shapes.get(str(reference.get("shape")), {})

    def members(self, operation: Node, side: str) -> dict[str, Node]:
        """References of the members of an operation's `input` or `output`, by name."""
        return nodes(self.shape(child(operation, side)), "members")


def references(shape: Node) -> Iterator[Node]:
    """The references inside a shape."""
    yield from (shape[key] for key in ("member", "key", "value") if is_node(shape.get(key)))
    yield from nodes(shape, "members").values()


def _merged(node: Node, extra: Node) -> Node:
    """`node` with what botocore's authors correct in it (`service-2.sdk-extras.json`)."""
    both = {key: _merged(node[key], value) for key, value in extra.items() if is_node(value) and is_node(node.get(key))}
    return node | extra | both


def _kind(source: str) -> str:
    """`…/service-2.json.gz` is a `service-2`."""
    return source.rpartition("/")[2].partition(".json")[0]


def _decode(source: str, text: bytes) -> Node:
    try:
        return msgspec.json.decode(text, type=Node)
    except msgspec.DecodeError as error:
        raise InvalidManifest(f"{source}: {error}") from error
