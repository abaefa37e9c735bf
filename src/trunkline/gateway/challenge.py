"""What a client without the right token is told: RFC 6750 section 3, and where to get one (RFC 9728 section 5.1)."""

from typing import Final

from trunkline.gateway.asgi import Pair
from trunkline.gateway.exchange import Exchange
from trunkline.identity.origin import metadata_url

_SCOPE: Final = "mcp"


def challenge(exchange: Exchange, error: str = "") -> Pair:
    """The WWW-Authenticate header. No `error` where no credential was sent."""
    parts = ['Bearer realm="trunkline"']
    if error:
        parts.append(f'error="{error}"')
    parts.append(f'resource_metadata="{metadata_url(exchange.headers.get(b"host", b""), exchange.scope["path"])}"')
    parts.append(f'scope="{_SCOPE}"')
    return b"www-authenticate", ", ".join(parts).encode("ascii", "replace")
