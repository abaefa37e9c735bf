"""What the good answer of an operation looks like, as far as paging needs it: its members near the top, its lists."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from trunkline.compiler import scalars
from trunkline.compiler.document import BrokenDescription, Document
from trunkline.compiler.node import Node, child, children, is_node, nodes

_DEPTH = 3
_MOST = 200  # members looked at; what says where pages are stands before that
# Members below which a list or a word on pages may stand; a thing's own members say nothing of pages.
_ENVELOPE = re.compile(
    r"meta|pag|links|cursor|result|data|response|embedded|list|info|^next|envelope|payload|values", re.IGNORECASE
)


@dataclass(frozen=True)
class Response:
    """`members`: schemas by pointer, parents first, lists not entered. `headers` in lower case."""

    members: dict[str, Node]
    lists: dict[str, Node]  # pointer -> schema of an item
    headers: frozenset[str]

    def typed(self, pointer: str, *kinds: str) -> bool:
        types = scalars.types(self.members[pointer])
        return not types or any(kind in types for kind in kinds)


def good_response(document: Document, operation: Node) -> Response:
    """Of the lowest 2xx, else of the default; empty where there is none in JSON."""
    described = nodes(operation, "responses")
    status = min((code for code in described if code.startswith("2")), default="default")
    try:
        answer = document.resolve(described[status]) if status in described else {}
        members = dict(_members(document, _schema(answer), ""))
    except BrokenDescription:
        answer, members = {}, {}
    lists = {at: child(flat, "items") for at, flat in members.items() if "array" in scalars.types(flat)}
    return Response(members, lists, frozenset(name.lower() for name in child(answer, "headers")))


def _schema(answer: Node) -> Node:
    for kind, media in nodes(answer, "content").items():
        if kind.partition(";")[0].strip().endswith(("/json", "+json", "/*")):
            return child(media, "schema")
    return {}


def _members(document: Document, schema: Node, top: str) -> Iterator[tuple[str, Node]]:
    """Breadth first, so that what is cut off is what stands deepest."""
    waiting = [(top, schema, 0)]
    seen = 0
    while waiting and seen < _MOST:
        pointer, node, depth = waiting.pop(0)
        flat = _flat(document, node)
        seen += 1
        yield pointer, flat
        if depth < _DEPTH and (not depth or _ENVELOPE.search(pointer.rpartition("/")[2])):
            waiting += [
                (f"{pointer}/{name.replace('~', '~0').replace('/', '~1')}", inner, depth + 1)
                for name, inner in nodes(flat, "properties").items()
            ]


def _flat(document: Document, schema: Node) -> Node:
    """Of alternatives, the first that is an object or a list."""
    flat, _ = document.flatten(schema)
    for word in ("oneOf", "anyOf"):
        if "properties" not in flat:
            shapes = [document.flatten(each)[0] for each in children(flat, word) if is_node(each)]
            return next((each for each in shapes if "properties" in each or "items" in each), flat)
    return flat
