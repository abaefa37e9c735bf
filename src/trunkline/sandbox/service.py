"""One service: its descriptions, loaded; finds the operation a request is for."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from trunkline.contract import Variable
from trunkline.sandbox.descriptions import Site, Texts, parse, part
from trunkline.sandbox.dialect import Dialect
from trunkline.sandbox.document import Document, Node, RawOperation, is_object
from trunkline.sandbox.judge import Judgement
from trunkline.sandbox.operation import Dialects, Operation
from trunkline.sandbox.repairs import repaired
from trunkline.sandbox.request import Request, bare_host
from trunkline.sandbox.routes import Base, Routes, holes, template_pattern
from trunkline.sandbox.violation import Violation


@dataclass(frozen=True)
class Match:
    """Operations at one template with the request's method (several where templates differ by fragment or query)."""

    operations: tuple[Operation, ...]
    path_values: tuple[str, ...]
    base: Base


class Service:
    """The judge of a service by its OpenAPI descriptions. Of odd ones, what cannot be read says nothing."""

    @staticmethod
    def load(site: Site, texts: Texts) -> "Service":
        """Raises InvalidManifest for a text that is no description."""
        return Service(site, [part(parse(text, source), site.paths) for source, text in texts])

    def __init__(self, site: Site, roots: Sequence[Node]) -> None:
        self.site = site
        self._operations: list[Operation] = []
        self._routes: dict[Base, Routes[Operation]] = {}
        for root in roots:
            self._add(Document(repaired(root, site.credential_parameters, site.corrections)))
        self._bases = sorted(self._routes, key=lambda base: -len(base.path))

    def find(self, method: str, host: str, path: str) -> Match | Violation:
        """The operation at `path` (percent-encoded), or why there is none."""
        found = next(self.matches(method, host, path), None)
        return self._nothing(method, host, path) if found is None else found

    def matches(self, method: str, host: str, path: str) -> Iterator[Match]:
        """What may be meant, the most specific template first."""
        for base, operations, values in self._at(host, path):
            if found := _with_method(operations, method):
                yield Match(found, values, base)

    def _nothing(self, method: str, host: str, path: str) -> Violation:
        allowed = {operation.raw.method for _, operations, _ in self._at(host, path) for operation in operations}
        if allowed:
            return Violation("path", "", "method", " or ".join(sorted(allowed)), method)
        return Violation("path", "", "route", f"a path of the description of {self.site.service}")

    def _at(self, host: str, path: str) -> Iterator[tuple[Base, Sequence[Operation], tuple[str, ...]]]:
        for base in self._bases:
            rest = base.rest(host, path)
            for operations, values in () if rest is None else self._routes[base].find(rest):
                yield base, operations, values

    def judge(self, request: Request) -> Judgement | Violation:
        """Where several operations are meant, the one that the request misses by least judges it."""
        found = self.find(request.method, request.host, request.path)
        return found if isinstance(found, Violation) else judged(request, found)

    def operations(self) -> Iterator[Operation]:
        """Every operation, once."""
        yield from self._operations

    def _add(self, document: Document) -> None:
        dialects = Dialects(Dialect(document), Dialect(document, answers=True))
        for raw in document.operations():
            operation = Operation(raw, dialects, self.site.auth)
            self._operations.append(operation)
            template, _, _ = raw.template.partition("?")
            for base in self.bases(raw):
                self._routes.setdefault(base, Routes()).add(template, operation, many=_many(raw))

    def bases(self, raw: RawOperation) -> list[Base]:
        """Where an operation is served: its own servers that are of the site's hosts.

        Without such, the description's, and where the manifest says: the manifest may know better.
        """
        found = [base for server in raw.servers if (base := self._base(server, own=raw.own_servers)) is not None]
        if not (found and raw.own_servers):
            found += map(self._base_at, [self.site.base_url, *filter(None, (way.base_url for way in self.site.auth))])
        return list(dict.fromkeys(found))

    def _base(self, server: Node, *, own: bool) -> Base | None:
        url = str(server.get("url", "/")).strip() or "/"
        declared = server.get("variables")
        variables = declared if is_object(declared) else {}
        defaults = {name: str(node.get("default", "")) for name, node in variables.items() if is_object(node)}
        base = Base.of(url, defaults)
        if not base.host:
            return replace(base, host=self._any_host()) if base.path or own else None
        named = urlsplit(url if "//" in url else "//" + url).netloc.lower()
        pattern = self._site_host(_filled(named, defaults))
        return None if pattern is None else replace(base, host=pattern)

    def _site_host(self, host: str) -> str | None:
        """The pattern of the site's host that `host` is one of."""
        patterns = [self._host_pattern(known) for known in self.site.hosts]
        return next((pattern for pattern in patterns if re.fullmatch(pattern, bare_host(host))), None)

    def _any_host(self) -> str:
        return "|".join(self._host_pattern(host) for host in self.site.hosts)

    def _base_at(self, url: str) -> Base:
        """A base URL of the manifest."""
        base = Base.of(url or "/", {})
        host = urlsplit(url).netloc
        return replace(base, host=self._host_pattern(host) if host else self._any_host())

    def _host_pattern(self, host: str) -> str:
        return host_pattern(host, self.site.variables)


def judged(request: Request, found: Match) -> Judgement:
    """The judgement of the operation that the request misses by least."""
    each = [(operation, operation.check(request, found.path_values)) for operation in found.operations]
    operation, verdict = min(each, key=lambda pair: len(pair[1].violations))
    name = found.base.template + operation.raw.template
    return Judgement(name, tuple(verdict.violations), lambda: operation.answer(verdict.sent))


def host_pattern(host: str, variables: Mapping[str, Variable]) -> str:
    """A regular expression of a manifest's host: its {variables} hold what their patterns admit, `*` is one label."""
    pattern = template_pattern(bare_host(host)).replace(re.escape("*"), "[a-z0-9-]+")
    for name in holes(host):
        variable = variables.get(name, Variable())
        values = "|".join(map(re.escape, variable.enum)) or variable.pattern
        pattern = pattern.replace("([^/]+)", f"(?:{values})", 1)
    return pattern


def _filled(host: str, defaults: Mapping[str, str]) -> str:
    for name in holes(host):
        host = host.replace("{" + name + "}", defaults.get(name, "") or "x")
    return host


def _with_method(operations: Sequence[Operation], method: str) -> tuple[Operation, ...]:
    """HEAD is answered where GET is, as HTTP has it."""
    methods = {operation.raw.method for operation in operations}
    wanted = "GET" if method == "HEAD" and "HEAD" not in methods else method
    return tuple(operation for operation in operations if operation.raw.method == wanted)


def _many(raw: RawOperation) -> frozenset[str]:
    """Holes that span segments: GitHub marks file paths and refs so; OpenAPI 3.2 calls it `allowReserved`."""
    marked = (it for it in raw.parameters if it.get("in") == "path" and it.get("x-multi-segment"))
    return frozenset(str(it["name"]) for it in marked) | frozenset(
        str(it["name"]) for it in raw.parameters if it.get("in") == "path" and it.get("allowReserved")
    )
