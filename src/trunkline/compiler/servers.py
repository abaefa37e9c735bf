"""Where an operation lives when it says so itself (OpenAPI 3.1, section Server Object)."""

import re
from typing import Any
from urllib.parse import urljoin, urlsplit

from trunkline.catalog.manifest import Manifest
from trunkline.compiler.document import BrokenDescription

Node = dict[str, Any]

_HOLE = re.compile(r"\{([^{}]*)\}")


def base_url(manifest: Manifest, item: Node, operation: Node) -> str:
    """The operation's own base URL, "" if it is the service's. Raises BrokenDescription off the allow-list."""
    servers = operation.get("servers") or item.get("servers") or []
    urls = [_url(manifest, server) for server in servers if isinstance(server, dict)]  # pyright: ignore[reportUnknownArgumentType]
    if not urls or manifest.base_url in urls:
        return ""
    allowed = [url for url in urls if urlsplit(url).netloc in manifest.hosts]
    if not allowed:
        raise BrokenDescription(f"its server {urls[0]} is not in the manifest's hosts")
    return allowed[0]


def _url(manifest: Manifest, server: Node) -> str:
    variables: Node = server.get("variables") or {}

    def fill(hole: re.Match[str]) -> str:
        name = hole.group(1)
        return (
            hole.group(0)
            if name in manifest.variables
            else str((variables.get(name) or {}).get("default", hole.group(0)))
        )

    url = urljoin(manifest.base_url + "/", _HOLE.sub(fill, str(server.get("url") or "/")))
    return url.rstrip("/")
