"""Executes a `PythonPlan`: arguments -> a method of a hand-written module -> answer."""

import time
from typing import Any, Final

import msgspec

from trunkline.category.credentials import redact, secret_forms
from trunkline.category.cursor import Query
from trunkline.category.encode import Json
from trunkline.category.executor import Means
from trunkline.category.fields import ALL
from trunkline.category.pages import Pages
from trunkline.category.shape import Shaper
from trunkline.category.upstream import Answer
from trunkline.contract import (
    AllowedCall,
    Credential,
    Fault,
    InvalidArguments,
    Module,
    PythonPlan,
    ToolResult,
    ToolSpec,
    tool_of,
)

_GOOD: Final = 200


class PythonExecutor:
    """An `Executor`. The module is imported on the first call."""

    def __init__(self, spec: ToolSpec, plan: PythonPlan, means: Means) -> None:
        self._plan = plan
        self._means = means
        self._kind: type[msgspec.Struct] | None = None
        # A null in a row is an answer: nothing is left out unless it is asked for.
        self._shaper = Shaper(msgspec.structs.replace(spec, keep=spec.keep or ALL), "", means.budget_bytes)
        self.arguments = frozenset(msgspec.json.decode(spec.input_schema, type=_Properties).properties)

    async def execute(self, arguments: dict[str, Json], call: AllowedCall, credential: Credential | None) -> ToolResult:
        secrets = secret_forms(credential)

        async def ask(arguments: dict[str, Json], _: Query) -> Answer:
            value = await self._value(arguments, call, credential)
            text = redact(msgspec.json.encode(value, enc_hook=str).decode(), secrets)
            return Answer(_GOOD, "application/json", text.encode())

        started = time.perf_counter()
        try:
            result = await Pages(ask, self._shaper, arguments, call).read()
        except Fault as fault:
            raise type(fault)(redact(fault.message, secrets), redact(fault.hint, secrets)) from None
        elapsed = (time.perf_counter() - started) * 1000
        return msgspec.structs.replace(result, status=0, upstream_ms=elapsed)

    async def _value(self, arguments: dict[str, Json], call: AllowedCall, credential: Credential | None) -> Any:
        async with self._means.modules.use(self._plan.module, call, credential) as module:
            return await self._called(module, arguments)

    async def _called(self, module: Module, arguments: dict[str, Json]) -> Any:
        try:
            return await getattr(module, self._plan.method)(**self._typed(module, arguments))
        except module.errors as error:
            raise module.fault(error) from None

    def _typed(self, module: Module, arguments: dict[str, Json]) -> dict[str, Any]:
        """The arguments as the method's hints have them."""
        if self._kind is None:
            self._kind = tool_of(type(module), self._plan.method).arguments
        try:
            return msgspec.structs.asdict(msgspec.convert(arguments, self._kind))
        except msgspec.ValidationError as error:
            raise InvalidArguments(str(error)) from None


class _Properties(msgspec.Struct):
    properties: dict[str, msgspec.Raw] = {}
