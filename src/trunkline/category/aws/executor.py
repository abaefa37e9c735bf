"""Executes an `AwsPlan`. botocore is imported on the first call of AWS, off the loop: no other server pays for it."""

import asyncio
import time
import zlib
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

import msgspec

from trunkline.category.aws.failure import fault_for
from trunkline.category.credentials import redact, secret_forms
from trunkline.category.cursor import Query
from trunkline.category.encode import Json
from trunkline.category.executor import Means
from trunkline.category.pages import Pages
from trunkline.category.shape import Shaper
from trunkline.category.upstream import Answer
from trunkline.contract import AllowedCall, AwsPlan, Credential, InvalidManifest, Service, ToolResult, ToolSpec

if TYPE_CHECKING:
    from trunkline.category.aws.operation import Operation

_OPERATION: Final = "trunkline.category.aws.operation"


class AwsExecutor:
    """An `Executor`."""

    def __init__(self, service: Service, spec: ToolSpec, plan: AwsPlan, means: Means) -> None:
        """Raises InvalidManifest if the plan cannot be executed."""
        self._service = service
        self._spec = spec
        self._plan = plan
        self._means = means
        self._operation: Operation | None = None
        self.arguments = _members(plan)

    async def execute(self, arguments: dict[str, Json], call: AllowedCall, credential: Credential | None) -> ToolResult:
        operation = self._operation or await self._load()
        secrets = secret_forms(credential)
        seconds = 0.0

        async def ask(arguments: dict[str, Json], _: Query) -> Answer:
            nonlocal seconds
            request, context = operation.request(arguments, call.variables["region"], credential)
            started = time.perf_counter()
            answer = await self._means.upstream.send(request, call)
            seconds += time.perf_counter() - started
            outcome = operation.outcome(answer, context)
            if outcome.status >= 300:
                raise fault_for(outcome, self._service, answer.headers.get("Retry-After", ""), secrets)
            text = redact(msgspec.json.encode(outcome.value).decode(), secrets)
            return Answer(outcome.status, "application/json", text.encode())

        shaper = Shaper(self._spec, self._plan.host, self._means.budget_bytes)
        result = await Pages(ask, shaper, arguments, call).read()
        return msgspec.structs.replace(result, text=redact(result.text, secrets), upstream_ms=seconds * 1000)

    async def _load(self) -> "Operation":
        self._operation = await asyncio.to_thread(_operation, self._plan)
        return self._operation


def _operation(plan: AwsPlan) -> "Operation":
    return import_module(_OPERATION).Operation(plan)


def _members(plan: AwsPlan) -> frozenset[str]:
    """Names of the operation's input members."""
    try:
        model: dict[str, Any] = msgspec.json.decode(zlib.decompress(plan.model))
        entry = model["operations"][plan.operation].get("input")
        return frozenset(model["shapes"][entry["shape"]].get("members", {}) if entry else ())
    except (zlib.error, msgspec.DecodeError, KeyError) as error:
        raise InvalidManifest(f"the model of {plan.operation} cannot be read") from error
