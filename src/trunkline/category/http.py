"""Executes a `Plan`: arguments -> request -> service -> answer."""

import time

import msgspec

from trunkline.category.credentials import REDACTED, authorized, redact, secret_forms
from trunkline.category.encode import Json
from trunkline.category.executor import Means
from trunkline.category.failure import fault_for
from trunkline.category.request import Request, RequestBuilder
from trunkline.category.shape import shape
from trunkline.category.upstream import Answer
from trunkline.contract import AllowedCall, Credential, CredentialRejected, Plan, Service, ToolResult, ToolSpec


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
        request = self._with_credential(self._builder.build(arguments, call.variables), credential)
        started = time.perf_counter()
        answer = await self._means.upstream.send(request, call)
        elapsed = (time.perf_counter() - started) * 1000
        return self._result(answer, secret_forms(credential), elapsed)

    def _result(self, answer: Answer, secrets: tuple[str, ...], elapsed: float) -> ToolResult:
        answer = _redacted(answer, secrets)
        if not 200 <= answer.status < 400:  # 101 and 000 are no answers either
            raise fault_for(answer, self._service, secrets)
        result = shape(answer, self._spec, self._means.budget_bytes)
        text = result.text
        if answer.location or b"\\" in answer.body:  # shaping may undo escapes that hid a secret
            text = redact(text, secrets)
        return msgspec.structs.replace(result, text=text, upstream_ms=elapsed)

    def _with_credential(self, request: Request, credential: Credential | None) -> Request:
        if credential is not None:
            request = authorized(request, credential)
        if "[" in request.path:
            raise CredentialRejected(f"{self._service.title} has no credential for its address")
        return request


def _redacted(answer: Answer, secrets: tuple[str, ...]) -> Answer:
    """The answer without our secrets. Before anything is cut: half a secret would not be found."""
    body = answer.body
    for secret in secrets:
        body = body.replace(secret.encode(), REDACTED.encode())
    return answer if body is answer.body else msgspec.structs.replace(answer, body=body)
