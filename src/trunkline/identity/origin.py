"""The origin a client reached us at, and the resources below it.

Trunkline is its own authorization server, and both are named by the URL that the client typed: whoever connects to
`https://gw.example/mcp` finds the resource `https://gw.example/mcp` and the issuer `https://gw.example`, so neither has
to be configured. The front door lets in no other Host than those of its settings.
"""

import re
from functools import lru_cache
from typing import Final

_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "[::1]"})
_PATH: Final = re.compile(r"/mcp(?:/t/[A-Za-z0-9_.-]{1,64})?")
WELL_KNOWN: Final = "/.well-known/oauth-protected-resource"


@lru_cache(64)
def origin_of(host: bytes) -> str:
    """`scheme://host[:port]` of a Host header: plain HTTP for this machine's loopback, HTTPS for every other name."""
    text = host.decode("latin-1").lower()
    name, port = split(text)
    scheme = "http" if name in _LOOPBACK else "https"
    default = "80" if scheme == "http" else "443"
    return f"{scheme}://{name}" if port in ("", default) else f"{scheme}://{name}:{port}"


def split(authority: str) -> tuple[str, str]:
    """Name and port of `name[:port]`; an IPv6 address keeps its brackets."""
    if authority.startswith("["):
        name, _, rest = authority.partition("]")
        return f"{name}]", rest.removeprefix(":")
    name, _, port = authority.partition(":")
    return name, port


def is_resource_path(path: str) -> bool:
    """Whether `path` is that of an MCP endpoint; says nothing on whether its toolset exists."""
    return _PATH.fullmatch(path) is not None


def metadata_url(host: bytes, path: str) -> str:
    """Where the metadata of the resource at `path` lies (RFC 9728 section 3.1)."""
    return origin_of(host) + WELL_KNOWN + (path if is_resource_path(path) else "/mcp")
