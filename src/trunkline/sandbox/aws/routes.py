"""Which operation a request is for, protocol by protocol."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, unquote

from botocore.model import OperationModel, ServiceModel

from trunkline.sandbox.request import Request

_HOLE = re.compile(r"\{([^}]+)\}")


@dataclass(frozen=True)
class Found:
    """An operation and what its path says: values by the name of their hole."""

    operation: OperationModel
    path_values: Mapping[str, str]


class Router:
    """Routes of one service."""

    def __init__(self, service: ServiceModel) -> None:
        self._service = service
        self._names = frozenset(service.operation_names)
        self._protocol: str = service.resolved_protocol
        rest = self._protocol.startswith("rest")
        self._routes = [_Route(service.operation_model(name)) for name in sorted(self._names)] if rest else []

    def find(self, request: Request, path: str) -> Found | None:
        """`path` begins with the bucket, where one stands in the host."""
        if self._routes:
            return self._find_route(request, path)
        name = self._named(request)
        return Found(self._service.operation_model(name), {}) if name in self._names else None

    def _named(self, request: Request) -> str:
        if self._protocol == "json":
            return request.headers.get("x-amz-target", "").rpartition(".")[2]
        if self._protocol == "smithy-rpc-v2-cbor":
            return request.path.rpartition("/")[2]
        return parse_qs(request.body.decode("utf-8", "replace")).get("Action", [""])[0]

    def _find_route(self, request: Request, path: str) -> Found | None:
        """Of several, the one that says most: constants of the query, required members that are there."""
        matches = [(route, values) for route in self._routes if (values := route.match(request, path)) is not None]
        if not matches:
            return None
        route, values = max(matches, key=lambda match: match[0].weight)
        return Found(route.operation, values)


class _Route:
    def __init__(self, operation: OperationModel) -> None:
        self.operation = operation
        http: Any = operation.http
        self._method = str(http["method"])
        template, _, query = str(http["requestUri"]).partition("?")
        self._holes = [name.rstrip("+") for name in _HOLE.findall(template)]
        self._path = re.compile(_pattern(template))
        pairs = [pair.partition("=") for pair in query.split("&") if pair]
        self._query = {name: value for name, _, value in pairs}
        self._headers, self._parameters = _required(operation)
        literal = len(_HOLE.sub("", template))
        self.weight = (len(self._query), len(self._headers) + len(self._parameters), literal, not operation.deprecated)

    def match(self, request: Request, path: str) -> dict[str, str] | None:
        found = self._path.fullmatch(path)
        sent = request.query_values
        if found is None or request.method != self._method:
            return None
        constants = all(name in sent and (not value or sent[name] == value) for name, value in self._query.items())
        if not constants or not self._headers <= request.headers.keys() or not self._parameters <= sent.keys():
            return None
        return dict(zip(self._holes, map(unquote, found.groups()), strict=True))


def _pattern(template: str) -> str:
    parts = _HOLE.split(template)
    pieces = [
        re.escape(part) if place % 2 == 0 else ("(.+)" if part.endswith("+") else "([^/]+)")
        for place, part in enumerate(parts)
    ]
    return "".join(pieces).removesuffix("/") + "/?"


def _required(operation: OperationModel) -> tuple[set[str], set[str]]:
    """Names of the headers, in lower case, and of the query parameters that must be there."""
    shape: Any = operation.input_shape
    if shape is None:
        return set(), set()
    needed: list[str] = [name for name in shape.required_members if name in shape.members]
    places: list[dict[str, Any]] = [shape.members[name].serialization | {"member": name} for name in needed]
    headers = {it.get("name", it["member"]).lower() for it in places if it.get("location") == "header"}
    query = {it.get("name", it["member"]) for it in places if it.get("location") == "querystring"}
    return headers, query
