"""What stands in for one service, whatever its description is written in."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from trunkline.sandbox.answer import Reply
from trunkline.sandbox.request import Request
from trunkline.sandbox.violation import Violation


@dataclass(frozen=True)
class Judgement:
    """A request of a known operation: what is wrong with it, and the answer it gets if nothing is."""

    operation: str  # as the log shows it: nothing of the request, which could hold a secret
    violations: tuple[Violation, ...]
    answer: Callable[[], Reply]


class Judge(Protocol):
    """One loaded service."""

    def judge(self, request: Request) -> Judgement | Violation:
        """A Violation where the request is for no operation of the service. Never raises for what a caller sends."""
        ...
