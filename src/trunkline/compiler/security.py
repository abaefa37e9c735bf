"""What a description says of credentials: which parameters carry one, which operations need none."""

from collections.abc import Iterator
from typing import Any

from trunkline.catalog.manifest import Manifest
from trunkline.compiler.document import Document

Node = dict[str, Any]


def hidden_parameters(document: Document, manifest: Manifest) -> frozenset[tuple[str, str]]:
    """(place, lower-case name) of parameters that are never arguments: credentials and constant headers."""
    names = {(place, name.lower()) for place, name in _declared(document)}
    names |= {(key.location, key.name.lower()) for scheme in manifest.auth for key in scheme.keys}
    names |= {("header", name.lower()) for name in manifest.headers}
    places = ("header", "query", "cookie")
    return frozenset(names | {(place, name.lower()) for name in manifest.credential_parameters for place in places})


def _declared(document: Document) -> Iterator[tuple[str, str]]:
    schemes: Node = (document.root.get("components") or {}).get("securitySchemes") or {}
    for scheme in schemes.values():
        if isinstance(scheme, dict) and scheme.get("type") == "apiKey":  # pyright: ignore[reportUnknownMemberType]
            yield str(scheme.get("in")), str(scheme.get("name"))  # pyright: ignore[reportUnknownMemberType,reportUnknownArgumentType]


def is_anonymous(operation: Node) -> bool:
    """Whether the operation says of itself that no credential is needed (`security: []`, or `{}` among its choices)."""
    security = operation.get("security")
    return isinstance(security, list) and (not security or {} in security)
