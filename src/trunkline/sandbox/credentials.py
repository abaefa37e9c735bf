"""Is a credential of a declared kind in its declared place? Its value is never judged, kept or shown."""

import base64
import binascii
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from trunkline.contract import AuthKind, AuthScheme
from trunkline.sandbox.document import Document, Node, RawOperation
from trunkline.sandbox.violation import Violation, Where, pointer


@dataclass(frozen=True)
class Key:
    """One thing to present: a value called `name` at `where`; `scheme` is what an Authorization header starts with."""

    where: Where
    name: str
    scheme: str = ""  # lower case: bearer, basic; "" = any value

    def text(self) -> str:
        kind = f"a {self.scheme} credential" if self.scheme else "a credential"
        return f"{kind} in {self.where} {self.name}"


Alternative = tuple[Key, ...]
"""Keys that must all be present."""


@dataclass(frozen=True)
class Presented:
    """Where a credential may be, of one request."""

    headers: Mapping[str, str]  # by lower-case name
    query: Mapping[str, str]
    cookies: Mapping[str, str]

    def has(self, key: Key) -> bool:
        place = {"header": self.headers, "query": self.query, "cookie": self.cookies}[key.where]
        value = place.get(key.name.lower() if key.where == "header" else key.name, "").strip()
        return bool(value) if not key.scheme else _is_authorization(value, key.scheme)


def alternatives(document: Document, operation: RawOperation, manifest: Sequence[AuthScheme]) -> list[Alternative]:
    """The ways to authenticate `operation`; `[()]` or one empty alternative means that none is needed.

    What the description says counts; the manifest's schemes serve where it says nothing, or nothing it has defined.
    """
    if operation.security is not None:
        found = [_required(document, requirement) for requirement in operation.security]
        if not operation.security:
            return [()]
        if usable := [keys for keys in found if keys is not None]:
            return usable
    return [_of_manifest(scheme) for scheme in manifest] or [()]


def missing(ways: Sequence[Alternative], sent: Presented) -> list[Violation]:
    """Nothing if one of `ways` is satisfied; else what each would need."""
    if any(all(sent.has(key) for key in way) for way in ways):
        return []
    expected = " or ".join(" with ".join(key.text() for key in way) for way in ways)
    absent = next(key for key in ways[0] if not sent.has(key))
    return [Violation(absent.where, pointer(absent.name), "credential", expected)]


def places(ways: Iterable[Alternative], where: Where) -> frozenset[str]:
    """Names at `where` that belong to a credential, and so to no parameter."""
    return frozenset(key.name for way in ways for key in way if key.where == where)


def _required(document: Document, requirement: Mapping[str, object]) -> Alternative | None:
    keys = [_key(document.security_scheme(name)) for name in requirement]
    return None if None in keys else tuple(key for key in keys if key is not None)


def _key(scheme: Node) -> Key | None:
    match scheme.get("type"):
        case "http":
            return Key("header", "Authorization", str(scheme.get("scheme", "")).lower())
        case "oauth2" | "openIdConnect":
            return Key("header", "Authorization", "bearer")
        case "apiKey" if scheme.get("in") in ("header", "query", "cookie"):
            return Key(scheme["in"], str(scheme.get("name", "")))
        case _:
            return None


def _of_manifest(scheme: AuthScheme) -> Alternative:
    if scheme.kind is AuthKind.API_KEY:
        wheres: dict[str, Where] = {"header": "header", "query": "query", "cookie": "cookie"}
        return tuple(Key(wheres[key.location], key.name) for key in scheme.keys if key.location in wheres)
    return (Key("header", "Authorization", str(scheme.kind.value)),)


def _is_authorization(value: str, scheme: str) -> bool:
    kind, _, credential = value.partition(" ")
    if kind.lower() != scheme or not credential.strip():
        return False
    return scheme != "basic" or _is_pair(credential.strip())


def _is_pair(text: str) -> bool:
    try:
        return b":" in base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return False
