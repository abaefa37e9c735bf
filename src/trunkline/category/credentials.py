"""Puts a credential onto a request as its auth scheme says, and knows every form its secrets may come back in."""

import base64
import re
from typing import Final
from urllib.parse import quote, quote_plus

import msgspec

from trunkline.category import encode
from trunkline.category.request import Request, credential_mark
from trunkline.contract import AuthKind, Credential, CredentialRejected

_SEGMENT: Final = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._~:-]*")
REDACTED: Final = "[redacted]"
_UNRESERVED: Final = re.compile(r"[A-Za-z0-9._~-]+")
_SHORTEST_SECRET: Final = 6  # shorter ones are not hidden: they would blot out ordinary words


def authorized(request: Request, credential: Credential) -> Request:
    """The request with `credential` on it. Raises CredentialRejected if a value is missing or cannot be sent."""
    scheme, values = credential.scheme, credential.values
    if not set(scheme.fields) <= values.keys():
        raise CredentialRejected("the stored credential is incomplete")
    if scheme.kind is AuthKind.BEARER:
        return _with_header(request, "Authorization", f"Bearer {values['token']}")
    if scheme.kind is AuthKind.BASIC:
        return _with_header(request, "Authorization", f"Basic {_basic(values)}")
    for key in scheme.keys:
        name = key.field if key.location == "path" else key.name
        request = _with_key(request, key.location, name, values[key.field], scheme.prefix)
    return request


def redact(text: str, secrets: tuple[str, ...]) -> str:
    """`text` without any of `secrets`."""
    for secret in secrets:
        if secret in text:
            text = text.replace(secret, REDACTED)
    return text


def secret_forms(credential: Credential | None) -> tuple[str, ...]:
    """The values as a service may echo them: raw, base64, percent-encoded, escaped in JSON. Longest first."""
    if credential is None:
        return ()
    values = [value for value in credential.values.values() if len(value) >= _SHORTEST_SECRET]
    forms = {form for value in values for form in _forms(value)}
    if credential.scheme.kind is AuthKind.BASIC:
        forms |= {_basic(credential.values), _basic(credential.values).rstrip("=")}
    return tuple(sorted(forms, key=len, reverse=True))


def _forms(value: str) -> set[str]:
    encoded = base64.b64encode(value.encode()).decode()
    safe = encoded.replace("+", "-").replace("/", "_")
    forms = {value, encoded, encoded.rstrip("="), safe, safe.rstrip("=")}
    if not _UNRESERVED.fullmatch(value):  # else it is written the same everywhere
        forms |= {quote(value, safe=""), quote_plus(value), msgspec.json.encode(value).decode()[1:-1]}
        forms |= {form.replace("/", "\\/") for form in forms}  # as PHP writes JSON
    return forms


def _basic(values: dict[str, str]) -> str:
    """RFC 7617, in UTF-8."""
    return base64.b64encode(f"{values.get('username', '')}:{values.get('password', '')}".encode()).decode()


def _with_key(request: Request, location: str, name: str, value: str, prefix: str) -> Request:
    if location == "header":
        return _with_header(request, name, prefix + value)
    if location == "path":
        return _with_segment(request, name, value)
    pair = f"{encode.query(name, name)}={encode.query(name, value)}"
    if location == "query":
        return msgspec.structs.replace(request, query=f"{request.query}&{pair}" if request.query else pair)
    cookies = request.headers.get("Cookie")
    return _with_header(request, "Cookie", f"{cookies}; {pair}" if cookies else pair)


def _with_segment(request: Request, field: str, value: str) -> Request:
    """The value as (part of) the path segment that the base URL has for it."""
    if not _SEGMENT.fullmatch(value):
        raise CredentialRejected("the stored credential holds characters that cannot stand in a path")
    return msgspec.structs.replace(request, path=request.path.replace(credential_mark(field), value))


def _with_header(request: Request, name: str, value: str) -> Request:
    """The header set, whatever was there under that name: an argument never replaces a credential."""
    if not value.isascii() or not value.isprintable():
        raise CredentialRejected("the stored credential holds characters that cannot be sent")
    kept = {key: text for key, text in request.headers.items() if key.lower() != name.lower()}
    return msgspec.structs.replace(request, headers={**kept, name: value})
