"""Every tool of a service is called through the gateway, with required arguments and with all; each call is judged."""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec

from bench.target import Target
from bench.validity import arguments, court
from bench.validity.arguments import Kind
from bench.validity.court import Verdict
from bench.validity.door import Door
from trunkline.catalog.manifest import Manifest
from trunkline.catalog.rows import Rows
from trunkline.contract import ToolSpec
from trunkline.sandbox.descriptions import Descriptions, parse


class Refusal(msgspec.Struct, frozen=True):
    tool: str
    kind: Kind
    reason: str
    request: str = ""


class Score(msgspec.Struct, frozen=True):
    """One service: how many tools were called, how many calls of each kind were accepted, which were not."""

    service: str
    tools: int
    required: int
    all: int
    by_sandbox: int  # calls that Steady could not judge
    excuses: dict[str, int]
    refusals: tuple[Refusal, ...]

    @property
    def calls(self) -> int:
        return 2 * self.tools


class Trial:
    """Tries services, one call at a time."""

    def __init__(self, gateway: Target, door: Door, rows: Path, folder: Path) -> None:
        """`rows`: the compiled catalog; `folder`: for what the judge reads."""
        self._gateway = gateway
        self._door = door
        self._rows = rows
        self._folder = folder

    def of(self, manifest: Manifest, descriptions: Descriptions, share: int) -> Score:
        """`share`: every so many tools are called, 1 for all."""
        specs = list(self._specs(manifest.id, share))
        accepted = dict.fromkeys(arguments.KINDS, 0)
        excuses: dict[str, int] = {}
        refusals: list[Refusal] = []
        roots = [dict(parse(text, source)) for source, text in descriptions.get(manifest.id)]
        with court.sitting(manifest, roots, self._folder) as sitting:
            self._door.court = sitting
            for spec in specs:
                for kind, values in arguments.made(spec.input_schema):
                    verdict = self._tried(spec.name, values)
                    if verdict.excuse:
                        excuses[verdict.excuse] = excuses.get(verdict.excuse, 0) + 1
                    if verdict.refused:
                        refusals.append(Refusal(spec.name, kind, verdict.refused, self._door.request_line))
                    else:
                        accepted[kind] += 1
            self._door.court = None
        return Score(
            service=manifest.id,
            tools=len(specs),
            required=accepted["required"],
            all=accepted["all"],
            by_sandbox=sum(excuses.values()),
            excuses=excuses,
            refusals=tuple(refusals),
        )

    def _specs(self, service: str, share: int) -> Iterator[ToolSpec]:
        rows = Rows(self._rows / f"{service}.rows")
        for name in rows.names[::share]:
            spec = rows.read(name)
            if spec is not None and spec.plan is not None:
                yield spec

    def _tried(self, tool: str, values: dict[str, Any]) -> Verdict:
        self._door.verdict = None
        self._door.request_line = ""
        said = ""
        with suppress(TimeoutError):
            result = self._gateway.request("tools/call", {"name": tool, "arguments": values})
            said = str(result.get("content", [{}])[0].get("text", ""))[:300] if result.get("isError") else ""
        return self._door.verdict or Verdict(f"not sent: {said or 'no request'}")
