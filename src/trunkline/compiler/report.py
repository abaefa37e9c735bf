"""What a build did."""

import msgspec

from trunkline.contract import Service


class Built(msgspec.Struct, frozen=True):
    """One service as built: `key` says from what."""

    key: str
    service: Service
    problems: tuple[str, ...] = ()
    seconds: float = 0.0


class Report(msgspec.Struct, frozen=True):
    """`compiled` services were compiled in this run, the rest was up to date. `problems` are sentences."""

    services: int
    tools: int
    compiled: int
    seconds: float
    problems: tuple[str, ...] = ()


class Step(msgspec.Struct, frozen=True):
    """What a build is at: a sentence, and how many of how many services are compiled (0: that says nothing)."""

    text: str
    done: int = 0
    total: int = 0
