"""Arguments to a request, as the tool's plan says.

Whatever the arguments are, the request goes to the plan's own host and below its own path: an argument is one encoded
path segment, a query value, a header on one line, or part of the body. The result is checked before it is handed on.
"""

import re
from collections.abc import Mapping
from typing import Final
from urllib.parse import quote

import msgspec

from trunkline.category import body as bodies
from trunkline.category import styles
from trunkline.category.encode import Json
from trunkline.contract import (
    AuthScheme,
    Internal,
    InvalidArguments,
    InvalidManifest,
    Parameter,
    Plan,
    Service,
    Variable,
)

_BASE: Final = re.compile(r"(https?)://([^/?#@\\\s]+)(/[^?#\s]*)?")
_HOST: Final = re.compile(r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*(?::\d{1,5})?")
_HOLE: Final = re.compile(r"\{([^{}]*)\}")
_QUOTED: Final = re.compile(r"'\{([^{}]*)\}'")
_PATH: Final = re.compile(r"/(?:[A-Za-z0-9\-._~!$&'()*+,;=:@/]|%[0-9A-Fa-f]{2})*")
_DOT_SEGMENT: Final = re.compile(r"/(?:\.|%2e){1,2}(?:/|$)", re.IGNORECASE)
_LITERAL: Final = "/:@!$&'()*+,;=~%"
# Where a credential goes into the path (`/bot{token}` of Telegram): brackets are never left of an argument.
_MARK: Final = "[credential:{}]"
_MARKED: Final = re.compile(r"\[credential:[\w-]+\]")
_TOKEN: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
# Ours, the credential's, or the connection's: no argument and no manifest sets them (RFC 9110, RFC 9112).
_OWN_HEADERS: Final = frozenset(
    ("host", "content-length", "transfer-encoding", "connection", "keep-alive", "upgrade", "te", "trailer", "expect")
) | {"proxy-authorization", "proxy-connection", "authorization", "cookie"}
_DERIVED_HEADERS: Final = frozenset(("accept", "content-type"))  # OpenAPI 3.1: such parameters are ignored


class Request(msgspec.Struct, frozen=True):
    """A request without its credential. `path` and `query` are encoded; `host` may end in `:port`."""

    method: str
    scheme: str
    host: str
    path: str
    query: str
    headers: dict[str, str]
    body: bytes | None = None

    @property
    def url(self) -> str:
        return f"{self.scheme}://{self.host}{self.path}" + (f"?{self.query}" if self.query else "")


class _Base(msgspec.Struct, frozen=True):
    scheme: str
    host: str
    prefix: str


class RequestBuilder:
    """Builds the requests of one tool. What does not depend on the arguments is worked out once."""

    def __init__(self, service: Service, plan: Plan) -> None:
        """Raises InvalidManifest if the plan cannot be executed."""
        self._service = service
        self._plan = plan
        self._template = _with_marks(plan.base_url or service.base_url, service)
        self._base = None if "{" in self._template else _base(self._template)
        self._by_scheme = not plan.base_url and any(scheme.base_url for scheme in service.auth)
        path, _, constant_query = plan.path.partition("#")[0].partition("?")
        self._constant_query = constant_query
        self._path = _split(path, {each.name: each for each in plan.parameters if each.location == "path"})
        self._quoted = frozenset(_QUOTED.findall(path))
        self._query = _at(plan, "query")
        self._headers = tuple(each for each in _at(plan, "header") if each.name.lower() not in _DERIVED_HEADERS)
        self._cookies = _at(plan, "cookie")
        self._constant_headers = _merged({"Accept": plan.accept}, service.headers, plan.headers)
        self._tenant_headers = {
            name: text for name, text in service.headers.items() if {*_HOLE.findall(text)} & service.variables.keys()
        }
        for header in self._headers:
            _check_header(header.name, "")
        self.arguments = _argument_names(plan)

    def host(self, variables: Mapping[str, str], scheme: AuthScheme | None = None) -> str:
        """Where requests with a credential of `scheme` go."""
        return self._at(variables, scheme).host

    def build(
        self, arguments: dict[str, Json], variables: Mapping[str, str], scheme: AuthScheme | None = None
    ) -> Request:
        """The request, for a credential of `scheme`. Raises InvalidArguments for arguments that cannot be sent."""
        base = self._at(variables, scheme)
        content = None if self._plan.body is None else bodies.build(self._plan.body, arguments)
        headers = self._filled_headers(arguments, variables)
        if content is not None:
            headers["Content-Type"] = content.content_type
        path = _checked_path(base.prefix, base.prefix + self._filled_path(arguments))
        query = self._filled_query(arguments)
        data = None if content is None else content.data
        return Request(self._plan.method, base.scheme, base.host, path, query, headers, data)

    def _at(self, variables: Mapping[str, str], scheme: AuthScheme | None) -> _Base:
        if scheme is not None and self._by_scheme:
            return _base(_filled(self._service.base_of(scheme), self._service.variables, variables))
        return self._base or _base(_filled(self._template, self._service.variables, variables))

    def _filled_path(self, arguments: dict[str, Json]) -> str:
        return "".join(
            part if isinstance(part, str) else styles.in_path(part, self._literal(part, arguments))
            for part in self._path
        )

    def _literal(self, parameter: Parameter, arguments: dict[str, Json]) -> Json:
        """The value, in which a quote is doubled where it stands in quotes (OData 4.01, URL conventions, 4.3.1)."""
        value = _needed(parameter, arguments)
        return value.replace("'", "''") if parameter.name in self._quoted and isinstance(value, str) else value

    def _filled_query(self, arguments: dict[str, Json]) -> str:
        pairs = [self._constant_query] if self._constant_query else []
        for parameter in self._query:
            value = arguments.get(parameter.argument)
            if value is not None:
                pairs += styles.in_query(parameter, value)
        return "&".join(pairs)

    def _filled_headers(self, arguments: dict[str, Json], variables: Mapping[str, str]) -> dict[str, str]:
        headers = self._constant_headers
        if self._tenant_headers:
            holes = self._service.variables
            tenant = {name: _filled(text, holes, variables) for name, text in self._tenant_headers.items()}
            headers = _merged(headers, tenant)
        given = [each for each in self._headers if arguments.get(each.argument) is not None]
        if given:
            headers = _merged(headers, {each.name: styles.in_header(each, arguments[each.argument]) for each in given})
        return headers | self._cookie(arguments)

    def _cookie(self, arguments: dict[str, Json]) -> dict[str, str]:
        given = [each for each in self._cookies if arguments.get(each.argument) is not None]
        pairs = [pair for each in given for pair in styles.in_cookie(each, arguments[each.argument])]
        return {"Cookie": "; ".join(pairs)} if pairs else {}


def _at(plan: Plan, location: str) -> tuple[Parameter, ...]:
    return tuple(each for each in plan.parameters if each.location == location)


def _argument_names(plan: Plan) -> frozenset[str]:
    """Every argument that the plan has a place for."""
    names = {each.argument for each in plan.parameters}
    if plan.body is not None:
        names |= {field.argument for field in plan.body.fields} | ({plan.body.whole} if plan.body.whole else set())
    return frozenset(names)


def _split(path: str, holes: Mapping[str, Parameter]) -> tuple[str | Parameter, ...]:
    """The template as literal texts, encoded, and the parameters that go between them."""
    parts: list[str | Parameter] = []
    for index, part in enumerate(_HOLE.split(path)):
        if index % 2 == 0:
            parts.append(quote(part, safe=_LITERAL))
        elif part in holes:
            parts.append(holes[part])
        else:
            raise InvalidManifest(f"the path {path} has the hole {part}, for which there is no parameter")
    return tuple(parts)


def _needed(parameter: Parameter, arguments: dict[str, Json]) -> Json:
    value = arguments.get(parameter.argument)
    if value is None:
        raise InvalidArguments(f"`{parameter.argument}` is required")
    return value


def _base(url: str) -> _Base:
    """Raises InvalidManifest if `url` is not https://host/prefix."""
    found = _BASE.fullmatch(url)
    if found is None or not _HOST.fullmatch(found[2].lower()):
        raise InvalidManifest(f"{url} is not a base URL")
    prefix = quote((found[3] or "").rstrip("/"), safe=_LITERAL + "[]")
    if _DOT_SEGMENT.search(prefix):
        raise InvalidManifest(f"{url} is not a base URL")
    return _Base(found[1], found[2].lower(), prefix)


def credential_mark(field: str) -> str:
    """What stands in a request's path for the credential's `field`."""
    return _MARK.format(field)


def _with_marks(template: str, service: Service) -> str:
    for scheme in service.auth:
        for key in scheme.keys:
            if key.location == "path":
                template = template.replace(f"{{{key.name}}}", credential_mark(key.field))
    return template


def _filled(template: str, holes: Mapping[str, Variable], values: Mapping[str, str]) -> str:
    """The base URL of a tenant. Raises InvalidManifest for a value that does not fit its variable."""

    def fill(match: re.Match[str]) -> str:
        name = match[1]
        variable = holes.get(name, Variable(pattern=r"[^\s\S]"))
        value = values.get(name, variable.default)
        fits = value in variable.enum if variable.enum else re.fullmatch(variable.pattern, value)
        if not fits:
            raise InvalidManifest(f"the variable {name} of {template} has no fitting value", "Reconnect the service.")
        return value

    return _HOLE.sub(fill, template)


def _merged(*groups: Mapping[str, str]) -> dict[str, str]:
    """Headers by name, which knows no case; later groups win, empty values drop out."""
    merged = {name.lower(): (name, value) for group in groups for name, value in group.items()}
    for name, value in merged.values():
        _check_header(name, value)
    return {name: value for name, value in merged.values() if value}


def _check_header(name: str, value: str) -> None:
    if not _TOKEN.fullmatch(name) or name.lower() in _OWN_HEADERS or "\n" in value or "\r" in value:
        raise InvalidManifest(f"the header {name} cannot be set")


def _checked_path(prefix: str, path: str) -> str:
    """What all the care above must have led to; raises Internal if it did not."""
    path = path or "/"
    if not _PATH.fullmatch(_MARKED.sub("x", path)) or not path.startswith(prefix) or _DOT_SEGMENT.search(path):
        raise Internal("a request would have left the path of its service")
    return path
