"""Where an operation lives when it says so itself (OpenAPI 3.1, section Server Object)."""

import re
from urllib.parse import urljoin, urlsplit

from trunkline.catalog.manifest import Manifest
from trunkline.compiler.document import BrokenDescription, Document
from trunkline.compiler.node import Node, child, children, is_node

_HOLE = re.compile(r"\{([^{}]*)\}")
_PORT = re.compile(r"^(https://[^/:]+):443(?=/|$)")  # says what is so anyway


class Servers:
    """The servers of one description of a service.

    What the description says for all its operations counts only if the service has several descriptions, which may
    differ in it; else the manifest knows better.
    """

    def __init__(self, document: Document, manifest: Manifest) -> None:
        self._manifest = manifest
        defaults = {name: variable.sample for name, variable in manifest.variables.items()}
        self._filled = _HOLE.sub(lambda hole: defaults.get(hole.group(1), ""), manifest.base_url)
        described = children(document.root, "servers")
        self._shared = described if len(manifest.sources) > 1 else []
        self._described = {self._url(server) for server in described if is_node(server)}
        self._ours = {manifest.base_url, self._filled}

    def base_url(self, item: Node, operation: Node) -> str:
        """The operation's own base URL, "" if it is the service's. Raises BrokenDescription off the allow-list."""
        servers = children(operation, "servers") or children(item, "servers") or self._shared
        urls = [self._url(server) for server in filter(is_node, servers)]
        if not urls or self._ours & set(urls):
            return ""
        if not self._shared and self._described.issuperset(urls) and not self._ours & self._described:
            return ""  # the description's name for the service's
        allowed = [url for url in urls if urlsplit(url).netloc in self._manifest.hosts]
        if not allowed:
            raise BrokenDescription(f"its server {urls[0]} is not in the manifest's hosts")
        return allowed[0]

    def _url(self, server: Node) -> str:
        variables = child(server, "variables")

        def fill(hole: re.Match[str]) -> str:
            if hole.group(1) in self._manifest.variables:
                return hole.group(0)
            return str(child(variables, hole.group(1)).get("default", hole.group(0)))

        url = urljoin(self._manifest.base_url + "/", _HOLE.sub(fill, str(server.get("url") or "/")))
        return _PORT.sub(r"\1", url).rstrip("/")
