"""Which MCP resource a token is for (RFC 8707), and what it covers there."""

from collections.abc import Sequence
from typing import Final
from urllib.parse import urlsplit

from trunkline.identity.oauth.faults import invalid_scope, invalid_target
from trunkline.identity.origin import is_resource_path, split

ALL: Final = "mcp"
READ: Final = "mcp:read"
OFFLINE: Final = "offline_access"  # understood, as clients ask for it; a refresh token comes without it too
SCOPES: Final = (ALL, READ, OFFLINE)
DEFAULT_PATH: Final = "/mcp"


def resource_of(asked: Sequence[str], issuer: str) -> str:
    """The one resource that was asked for, in its canonical form; `/mcp` where none was.

    Raises OAuthFault (invalid_target) for more than one, and for what is no MCP endpoint of this very issuer.
    """
    if len(asked) > 1:
        raise invalid_target("A token is for one resource.")
    if not asked:
        return issuer + DEFAULT_PATH
    found = _canonical(asked[0])
    if not found.startswith(issuer) or not is_resource_path(found[len(issuer) :]):
        raise invalid_target("There is no such MCP resource here.")
    return found


def _canonical(resource: str) -> str:
    """Scheme and host in lower case, no default port, no slash at the end. Raises OAuthFault."""
    if not resource.isascii() or not resource.isprintable() or set(" \\?#@") & set(resource):
        raise invalid_target("A resource is an absolute URL without query, fragment and user.")
    parts = urlsplit(resource)
    name, port = split(parts.netloc.lower())
    default = {"http": "80", "https": "443"}.get(parts.scheme)
    authority = name if port in ("", default) else f"{name}:{port}"
    return f"{parts.scheme}://{authority}{parts.path.removesuffix('/')}"


def scopes_of(asked: str, allowed: frozenset[str] = frozenset(SCOPES)) -> str:
    """The scopes of `asked`, in our order; the widest allowed where none is named. Raises OAuthFault (invalid_scope).

    Whoever may have `mcp` may have less, and a refresh token takes no scope.
    """
    allowed |= frozenset((OFFLINE, READ) if ALL in allowed else (OFFLINE,))
    named = frozenset(asked.split())
    if named - allowed:
        raise invalid_scope(f"Scopes: {', '.join(scope for scope in SCOPES if scope in allowed)}.")
    if not named & {ALL, READ}:
        named |= {ALL if ALL in allowed else READ}
    return " ".join(scope for scope in SCOPES if scope in named)


def narrowed(asked: str, granted: str) -> str:
    """Scopes for a refreshed token: never more than was granted. Raises OAuthFault (invalid_scope)."""
    return scopes_of(asked, frozenset(granted.split())) if asked else granted


def reading(scope: str) -> str:
    """`scope` without what may change something."""
    return " ".join(each for each in SCOPES if each == READ or (each == OFFLINE and OFFLINE in scope.split()))
