"""Executes a `Plan`: arguments -> request -> service -> answer."""

import time

import msgspec

from trunkline.category.credentials import REDACTED, authorized, redact, secret_forms
from trunkline.category.cursor import Query
from trunkline.category.encode import Json
from trunkline.category.executor import Means
from trunkline.category.failure import fault_for
from trunkline.category.pages import Pages
from trunkline.category.paging import with_query
from trunkline.category.request import Request, RequestBuilder
from trunkline.category.shape import Shaper
from trunkline.category.upstream import Answer, Upstream
from trunkline.contract import (
    AllowedCall,
    AuthScheme,
    Credential,
    CredentialRejected,
    Plan,
    Service,
    ToolResult,
    ToolSpec,
)


class HttpExecutor:
    """An `Executor`. What a tool's calls have in common is worked out once."""

    def __init__(self, service: Service, spec: ToolSpec, plan: Plan, means: Means) -> None:
        """Raises InvalidManifest if the plan cannot be executed."""
        self._service = service
        self._spec = spec
        self._means = means
        self._builder = RequestBuilder(service, plan)
        self.arguments = self._builder.arguments

    async def execute(self, arguments: dict[str, Json], call: AllowedCall, credential: Credential | None) -> ToolResult:
        scheme = None if credential is None else credential.scheme
        exchange = _Exchange(self._means.upstream, call, secret_forms(credential))

        async def ask(arguments: dict[str, Json], query: Query) -> Answer:
            request = self.request(arguments, call.variables, scheme)
            if query:
                request = msgspec.structs.replace(request, query=with_query(self._spec.paging, request.query, query))
            return self.understood(await exchange.answer(self._with_credential(request, credential), self._service))

        shaper = Shaper(self._spec, self._builder.host(call.variables, scheme), self._means.budget_bytes)
        result = await Pages(ask, shaper, arguments, call).read()
        return exchange.finished(result)

    def request(self, arguments: dict[str, Json], variables: dict[str, str], scheme: AuthScheme | None) -> Request:
        return self._builder.build(arguments, variables, scheme)

    def understood(self, answer: Answer) -> Answer:
        """The answer, or what it means where a good status says too little. Raises Fault."""
        return answer

    def _with_credential(self, request: Request, credential: Credential | None) -> Request:
        if credential is not None:
            request = authorized(request, credential)
        if "[" in request.path:
            raise CredentialRejected(f"{self._service.title} has no credential for its address")
        return request


class _Exchange:
    """The requests of one call: how long they took, and our secrets kept out of what came back."""

    def __init__(self, upstream: Upstream, call: AllowedCall, secrets: tuple[str, ...]) -> None:
        self._upstream = upstream
        self._call = call
        self._secrets = secrets
        self._seconds = 0.0
        self._escaped = False  # shaping may undo escapes that hid a secret

    async def answer(self, request: Request, service: Service) -> Answer:
        """A good answer. Raises what `Upstream.send` raises, and the fault that an error status stands for."""
        started = time.perf_counter()
        answer = _redacted(await self._upstream.send(request, self._call), self._secrets)
        self._seconds += time.perf_counter() - started
        if not 200 <= answer.status < 400:  # 101 and 000 are no answers either
            raise fault_for(answer, service, self._secrets)
        self._escaped |= bool(answer.location) or b"\\" in answer.body
        return answer

    def finished(self, result: ToolResult) -> ToolResult:
        text = redact(result.text, self._secrets) if self._escaped else result.text
        return msgspec.structs.replace(result, text=text, upstream_ms=self._seconds * 1000)


def _redacted(answer: Answer, secrets: tuple[str, ...]) -> Answer:
    """The answer without our secrets. Before anything is cut: half a secret would not be found."""
    body = answer.body
    for secret in secrets:
        body = body.replace(secret.encode(), REDACTED.encode())
    return answer if body is answer.body else msgspec.structs.replace(answer, body=body)
