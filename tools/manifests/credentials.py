"""How a service wants to be authenticated, as its description tells: the `auth` entries of a manifest."""

from collections import Counter

from trunkline.compiler.node import Node, child, children, is_node, nodes

Entry = str | Node
_MOST_SCOPES = 10
_PLACES = ("header", "query", "cookie")


def auth_of(root: Node, provider: str) -> list[Entry]:
    """The ways to authenticate, the most used first. `provider` is the OAuth 2 provider's id."""
    schemes = nodes(root, "securityDefinitions") or nodes(child(root, "components"), "securitySchemes")
    found: list[Entry] = []
    for names in _alternatives(root) or [(name,) for name in schemes]:
        for entry in _entries([schemes[name] for name in names if name in schemes], provider):
            if entry not in found:
                found.append(entry)
    return found


def _alternatives(root: Node) -> list[tuple[str, ...]]:
    """Sets of schemes that one request needs together, those of most operations first."""
    used: Counter[tuple[str, ...]] = Counter()
    for item in nodes(root, "paths").values():
        for operation in filter(is_node, item.values()):
            wanted = children(operation if "security" in operation else root, "security")
            used.update(tuple(sorted(one)) for one in wanted if is_node(one) and one)
    return [names for names, _ in used.most_common()]


def _entries(schemes: list[Node], provider: str) -> list[Entry]:
    keys = [_key(scheme) for scheme in schemes if scheme.get("type") == "apiKey" and scheme.get("in") in _PLACES]
    if len(keys) == len(schemes) and len(keys) > 1:
        return [{"keys": keys}]
    if len(schemes) != 1:
        return []  # a combination that a person has to look at
    (scheme,) = schemes
    kind, name = scheme.get("type"), str(scheme.get("scheme") or "").lower()
    if kind in ("oauth2", "openIdConnect"):
        return [_oauth2(scheme, provider), "bearer"]
    if kind == "basic" or (kind == "http" and name == "basic"):
        return ["basic"]
    if kind == "http" and name in ("bearer", ""):
        return ["bearer"]
    return [_single(scheme, key) for key in keys]


def _single(scheme: Node, key: Node) -> Entry:
    if str(key.get("header")).lower() == "authorization":
        told = f"{scheme.get('description')} {scheme.get('x-ms-description')}".lower()
        return "bearer" if "bearer" in told or "jwt" in told or "oauth" in told else {"header": "Authorization"}
    return key


def _key(scheme: Node) -> Node:
    return {str(scheme["in"]): str(scheme["name"])}


def _oauth2(scheme: Node, provider: str) -> Node:
    flows = list(nodes(scheme, "flows").values()) or [scheme]
    scopes = {str(scope) for flow in flows for scope in child(flow, "scopes")}
    entry: Node = {"oauth2": provider}
    return entry | ({"scopes": sorted(scopes)} if 0 < len(scopes) <= _MOST_SCOPES else {})
