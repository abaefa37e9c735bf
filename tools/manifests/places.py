"""Where a service lives, as its description tells: base URL, hosts, and the typed variables in them."""

import re
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from trunkline.compiler.node import Node, children, is_node, nodes

_HOLE = re.compile(r"\{([^{}]*)\}")
_NOWHERE = re.compile(r"(^|\.)(local|localhost|example|test|invalid)(:\d+)?$|example\.(com|org)|^[\d.]+(:\d+)?$|[<>%]")
_HOST_PATTERN = "[a-z0-9.-]+(:[0-9]+)?"


@dataclass
class Place:
    """`variables` are a manifest's: name to default, pattern, enum, description."""

    base_url: str
    hosts: list[str]
    variables: dict[str, Node] = field(default_factory=dict[str, Node])


def place_of(root: Node, title: str, domains: list[str]) -> Place:
    """The place of the first server. A host that is nobody's in particular becomes the variable `host`.

    With `domains` the host is one of the customer's, somewhere under them.
    """
    url, variables = _first_server(root)
    base = urlsplit(url)
    path = _renamed(base.path).rstrip("/")
    found = {name: variables[name] for name in _HOLE.findall(path) if name in variables}
    host = _renamed(base.netloc.lower().removesuffix(":443").removesuffix(":80")) if base.netloc else ""
    whole_hole = _HOLE.fullmatch(host)
    if domains:
        ends = "|".join(re.escape(domain) for domain in domains)
        about: Node = {"pattern": rf"([a-z0-9-]+\.)*({ends})", "description": f"The host of your {title} account"}
        found["host"] = ({} if whole_hole or not host else {"default": host}) | about
        host = "{host}"
    elif not host or _NOWHERE.search(host) or whole_hole:
        found = {"host": {"pattern": _HOST_PATTERN, "description": f"The host of your {title}"}} | found
        host = "{host}"
    else:
        lowered = {name.lower(): about for name, about in variables.items()}
        found |= {name: lowered.get(name, {}) for name in _HOLE.findall(host)}
    typed = {name: typed_variable(name, about, title) for name, about in found.items()}
    return Place(f"https://{host}{path}", [host, *_other_hosts(root, host)], typed)


def typed_variable(name: str, about: Node, title: str) -> Node:
    """A manifest's variable of a server's: a pattern that its default fits, and words of ours."""
    if "pattern" in about:
        return about
    default = str(about.get("default") or "")
    typed: Node = {"default": default} if default else {}
    if about.get("enum"):
        typed["enum"] = [str(value) for value in about["enum"]]
    elif not re.fullmatch("[a-z0-9-]*", default):
        typed["pattern"] = "[A-Za-z0-9._/-]+" if "/" in default else "[A-Za-z0-9._-]+"
    words = re.sub(r"[_-]+|(?<=[a-z])(?=[A-Z])", " ", name).strip().lower()
    return typed | {"description": f"The {words} of your {title} account"}


def _first_server(root: Node) -> tuple[str, dict[str, Node]]:
    """Prefers https, and a server that has a host."""
    if str(root.get("swagger", "")).startswith("2"):
        return f"https://{root.get('host') or ''}{root.get('basePath') or ''}", {}
    servers = [server for server in children(root, "servers") if is_node(server) and server.get("url")]
    best = min(servers, key=_preference, default=_NO_SERVER)
    return str(best["url"]), {_plain(name): about for name, about in nodes(best, "variables").items()}


_NO_SERVER: Node = {"url": ""}


def _preference(server: Node) -> tuple[bool, bool]:
    url = str(server["url"])
    return "//" not in url, not url.startswith("https")


def _renamed(text: str) -> str:
    return _HOLE.sub(lambda hole: "{" + _plain(hole.group(1)) + "}", text)


def _plain(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9_]", "_", name)


def _other_hosts(root: Node, host: str) -> list[str]:
    """Hosts that single paths and operations name, without holes."""
    found: dict[str, None] = {}
    for item in nodes(root, "paths").values():
        for node in (item, *(each for each in item.values() if is_node(each))):
            for server in filter(is_node, children(node, "servers")):
                other = urlsplit(str(server.get("url") or "")).netloc.lower()
                if other and other != host and not _HOLE.search(other) and not _NOWHERE.search(other):
                    found[other] = None
    return list(found)
