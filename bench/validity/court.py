"""The court of one service: Steady judges; what Steady cannot judge, our sandbox does, and the reason is told."""

from collections.abc import Generator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.validity import documents, limits
from bench.validity.steady import Steady, Unreadable, running
from trunkline.catalog.manifest import Manifest
from trunkline.sandbox.descriptions import Site
from trunkline.sandbox.request import Request
from trunkline.sandbox.service import Match, Service
from trunkline.sandbox.violation import Violation


@dataclass(frozen=True)
class Verdict:
    """`refused`: why, "" if accepted. `excuse`: why not Steady but the sandbox judged, "" if Steady did."""

    refused: str
    excuse: str = ""


@dataclass(frozen=True)
class _Chamber:
    """One description: where its operations are, and its Steady, or why there is none."""

    service: Service
    steady: Steady | None
    excuse: str

    def judge(self, request: Request, found: Match) -> Verdict:
        operation = found.operations[0].raw
        excuse = self.excuse or limits.of_operations([each.raw for each in found.operations])
        if self.steady is not None and not excuse:
            rest = found.base.rest(request.host, request.path) or "/"
            target = rest + (f"?{request.query}" if request.query else "")
            headers = limits.settings(operation, request) | dict(request.headers)
            refused = self.steady.judge(request.method, target, headers, request.body)
            excuse = limits.of_refusal(refused, operation, request) if refused else ""
            if not excuse:
                return Verdict(refused)
        return Verdict(_by_sandbox(request, found), excuse)


class Court:
    def __init__(self, chambers: Sequence[_Chamber]) -> None:
        self._chambers = chambers

    def judge(self, request: Request) -> Verdict:
        lost = ""
        for chamber in self._chambers:
            found = chamber.service.find(request.method, request.host, request.path)
            if isinstance(found, Match):
                return chamber.judge(request, found)
            lost = lost or _said(found)
        return Verdict(lost)


@contextmanager
def sitting(manifest: Manifest, roots: Sequence[dict[str, Any]], folder: Path) -> Generator[Court]:
    """The court of one service, its Steadys running. `folder` is for the descriptions they read."""
    site = Site.of(manifest)
    with ExitStack() as stack:
        chambers: list[_Chamber] = []
        for number, root in enumerate(roots):
            steady, excuse = None, ""
            try:
                file = folder / f"{manifest.id}-{number}.json"
                steady = stack.enter_context(running(documents.write(root, manifest, file)))
            except Unreadable as problem:
                excuse = f"Steady cannot read the description: {problem}"
            chambers.append(_Chamber(Service(site, [root]), steady, excuse))
        yield Court(chambers)


def _by_sandbox(request: Request, found: Match) -> str:
    """The sandbox judges against the original description. Credentials count as little as they do with Steady."""
    judged = [_wrong(operation.check(request, found.path_values).violations) for operation in found.operations]
    fewest = min(judged, key=len)
    return _said(fewest[0]) if fewest else ""


def _wrong(violations: Sequence[Violation]) -> list[Violation]:
    return [violation for violation in violations if violation.rule != "credential"]


def _said(violation: Violation) -> str:
    return f"{violation.rule} {violation.where} {violation.pointer}: {violation.expected}"[:200]
