"""One operation of a service: checks a request against it, and answers. What it needs is worked out on first use."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from trunkline.contract import AuthScheme
from trunkline.sandbox.answer import Answerer, Reply, Sent
from trunkline.sandbox.body import BodyReader
from trunkline.sandbox.credentials import Presented, alternatives, missing, places
from trunkline.sandbox.dialect import Dialect
from trunkline.sandbox.document import Json, Node, RawOperation, query_pairs
from trunkline.sandbox.parameters import Parameter, Reader, declared
from trunkline.sandbox.request import Request
from trunkline.sandbox.routes import holes
from trunkline.sandbox.violation import Violation


@dataclass(frozen=True)
class Dialects:
    """The validators of one document: read-only properties are for answers, write-only ones for requests."""

    requests: Dialect
    answers: Dialect


@dataclass
class Verdict:
    """What was wrong with a request, and what it said."""

    violations: list[Violation] = field(default_factory=list[Violation])
    sent: Sent = field(default_factory=Sent)


class Operation:
    """`manifest`: the ways to authenticate where the description names none."""

    def __init__(self, raw: RawOperation, dialects: Dialects, manifest: Sequence[AuthScheme]) -> None:
        self.raw = raw
        self.dialects = dialects
        self.manifest = manifest

    @property
    def name(self) -> str:
        return f"{self.raw.method} {self.raw.template}"

    def check(self, request: Request, path_values: Sequence[str]) -> Verdict:
        """`path_values`: decoded, one for each hole of the template."""
        reader = self._reader
        verdict = Verdict(violations=self._missing_credential(request))
        query = reader.query(self._of["query"], request.query, self._credential_names)
        path = reader.path(self._of["path"], dict(zip(holes(self._path), path_values, strict=True)))
        headers = reader.headers(self._of["header"], request.headers)
        cookies = reader.cookies(self._of["cookie"], request.headers.get("cookie", ""))
        body = self._bodies.check(self.raw.node.get("requestBody"), request.content_type, request.body)
        for part in (path, query, headers, cookies, body):
            verdict.violations.extend(part.violations)
        verdict.sent = Sent(query.values, path.values, body.value)
        return verdict

    def answer(self, sent: Sent) -> Reply:
        return self.answerer.reply(sent)

    @cached_property
    def _path(self) -> str:
        return self.raw.template.partition("?")[0]

    @cached_property
    def _of(self) -> Mapping[str, list[Parameter]]:
        named = {(node["in"], node["name"]): node for node in self.raw.parameters}
        for node in _written_query(self.raw.template):
            if "enum" in node["schema"] or ("query", node["name"]) not in named:
                named["query", node["name"]] = node
        every = declared(named.values())
        return {where: [it for it in every if it.where == where] for where in ("path", "query", "header", "cookie")}

    @cached_property
    def _reader(self) -> Reader:
        return Reader(self.dialects.requests)

    @cached_property
    def _bodies(self) -> BodyReader:
        return BodyReader(self.dialects.requests)

    @cached_property
    def answerer(self) -> Answerer:
        return Answerer(self.dialects.answers, self.raw)

    @cached_property
    def _ways(self) -> Sequence[tuple[Json, ...]]:
        return alternatives(self.dialects.requests.document, self.raw, self.manifest)

    @cached_property
    def _credential_names(self) -> frozenset[str]:
        return places(self._ways, "query") - {it.name for it in self._of["query"]}

    def _missing_credential(self, request: Request) -> list[Violation]:
        return missing(self._ways, Presented(request.headers, request.query_values, request.cookies))


def _written_query(template: str) -> list[Node]:
    """Some templates carry a query (`/orders?action=cancel`): each of its pairs is a parameter with one legal value.

    One with a hole (`?city={city}`) may have any value.
    """
    return [
        {"in": "query", "name": name, "schema": {"type": "string"}}
        if "{" in value
        else {"in": "query", "name": name, "required": True, "schema": {"type": "string", "enum": [value]}}
        for name, value in query_pairs(template)
        if "{" not in name
    ]
