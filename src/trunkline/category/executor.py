"""What executes the calls of one tool. Each kind of plan has one; `category/server.py` knows which."""

from typing import Protocol

import msgspec

from trunkline.category.encode import Json
from trunkline.category.opened import OpenedModules
from trunkline.category.shape import BUDGET_BYTES
from trunkline.category.upstream import Upstream
from trunkline.contract import AllowedCall, Credential, ToolResult


class Executor(Protocol):
    """Made on the tool's first call, then kept."""

    @property
    def arguments(self) -> frozenset[str]:
        """Every argument that the plan has a place for."""
        ...

    async def execute(self, arguments: dict[str, Json], call: AllowedCall, credential: Credential | None) -> ToolResult:
        """The answer, without any secret of `credential` in it.

        `arguments` fit the tool's schema. Raises Fault, as free of secrets. The caller bounds the time by cancelling.
        """
        ...


class Means(msgspec.Struct, frozen=True):
    """What executors work with."""

    upstream: Upstream
    modules: OpenedModules
    budget_bytes: int = BUDGET_BYTES  # of one answer
