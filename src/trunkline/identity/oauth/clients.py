"""OAuth clients: what they say of themselves when they register (RFC 7591), or in the document that is their id.

All of it is said by whoever asks, so nothing of it is trusted: a name is text to be shown, a logo is never fetched.
"""

import re
import unicodedata
from typing import Any, Final, Literal

import msgspec

from trunkline.identity.oauth import redirects
from trunkline.identity.oauth.faults import OAuthFault
from trunkline.identity.oauth.resource import SCOPES

JWT_BEARER: Final = "urn:ietf:params:oauth:grant-type:jwt-bearer"
_GRANTS: Final = frozenset({"authorization_code", "refresh_token"})
_METHODS: Final = frozenset({"none", "client_secret_basic", "client_secret_post"})
_MOST_REDIRECTS: Final = 20
_NAME: Final = 60  # characters of a name that are shown
_HIDDEN: Final = frozenset({"Cc", "Cf", "Co", "Cs", "Cn", "Zl", "Zp"})  # control, bidi, private, unassigned


class Client(msgspec.Struct, frozen=True):
    """`origin`: whether it registered here, or is described by the document at its id. `secret` is a hash or empty."""

    id: str
    name: str
    redirect_uris: tuple[str, ...]
    method: str = "none"
    scope: frozenset[str] = frozenset(SCOPES)
    origin: Literal["registered", "document"] = "registered"
    secret: bytes = b""


class Metadata(msgspec.Struct, frozen=True):
    """The members of a client's metadata that mean something here; others are ignored, as RFC 7591 says."""

    redirect_uris: list[str]
    client_id: str = ""
    client_name: str = ""
    token_endpoint_auth_method: str | None = None
    grant_types: list[str] | None = None
    response_types: list[str] | None = None
    scope: str | None = None
    application_type: str | None = None
    client_secret: Any = None
    client_secret_expires_at: Any = None


_DECODER: Final = msgspec.json.Decoder(Metadata)


def read(body: bytes) -> Metadata:
    """Metadata as sent, checked. Raises OAuthFault (invalid_client_metadata, invalid_redirect_uri)."""
    try:
        found = _DECODER.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise _invalid("The metadata is no JSON object with redirect_uris.") from None
    if not 0 < len(found.redirect_uris) <= _MOST_REDIRECTS:
        raise OAuthFault("invalid_redirect_uri", f"A client has 1 to {_MOST_REDIRECTS} redirect URIs.")
    for uri in found.redirect_uris:
        redirects.check(uri)
    _check_types(found)
    return found


def _check_types(found: Metadata) -> None:
    grants = frozenset(found.grant_types or ["authorization_code"])
    if "authorization_code" not in grants or grants - _GRANTS - {JWT_BEARER}:
        raise _invalid(f"Grant types: {', '.join(sorted(_GRANTS))}.")
    if set(found.response_types or ["code"]) != {"code"}:
        raise _invalid("Response types: code.")
    if found.token_endpoint_auth_method not in (None, *_METHODS):
        raise _invalid(f"Token endpoint auth methods: {', '.join(sorted(_METHODS))}.")
    if frozenset((found.scope or "").split()) - frozenset(SCOPES):
        raise _invalid(f"Scopes: {', '.join(SCOPES)}.")


def shown_name(name: str, otherwise: str) -> str:
    """A client's name as a person may see it: one short line, no character that reorders or hides others."""
    kept = "".join(each for each in unicodedata.normalize("NFC", name) if unicodedata.category(each) not in _HIDDEN)
    line = re.sub(r"\s+", " ", kept).strip()
    if len(line) > _NAME:
        line = line[: _NAME - 1].rstrip() + "…"
    return line or otherwise


def _invalid(message: str) -> OAuthFault:
    return OAuthFault("invalid_client_metadata", message)
