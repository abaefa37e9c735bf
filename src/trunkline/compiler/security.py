"""What a description says of credentials: which parameters carry one, which operations need none."""

from collections.abc import Iterator

from trunkline.catalog.manifest import Manifest
from trunkline.compiler.document import Document
from trunkline.compiler.node import Node, child, children, nodes


def hidden_parameters(document: Document, manifest: Manifest) -> frozenset[tuple[str, str]]:
    """(place, lower-case name) of what is never an argument: credentials and constant headers."""
    names = {(place, name.lower()) for place, name in _declared(document)}
    names |= {(key.location, key.name.lower()) for scheme in manifest.auth for key in scheme.keys}
    names |= {("header", name.lower()) for name in manifest.headers}
    places = ("header", "query", "cookie", "body")
    return frozenset(names | {(place, name.lower()) for name in manifest.credential_parameters for place in places})


def _declared(document: Document) -> Iterator[tuple[str, str]]:
    for scheme in nodes(child(document.root, "components"), "securitySchemes").values():
        if scheme.get("type") == "apiKey":
            yield str(scheme.get("in")), str(scheme.get("name"))


def is_anonymous(operation: Node) -> bool:
    """Whether the operation says of itself that no credential is needed (`security: []`, or `{}` among its choices)."""
    return "security" in operation and (not operation["security"] or {} in children(operation, "security"))
