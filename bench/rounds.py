"""Interleaved rounds: every target in turn, again and again, so that a noisy minute touches all of them alike."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

import msgspec
import uvloop

from bench.load import burst
from bench.process import Measured
from bench.target import Target


@dataclass(frozen=True)
class Contestant:
    """A target, and the program whose CPU a call through it costs (its children included)."""

    target: Target
    program: Measured


class Row(msgspec.Struct, frozen=True):
    """Medians over the rounds. `cpu_us` per call, `p50_us` and `p99_us` as the caller sees them, `ratio` of calls/s to
    those of the first contestant."""

    target: str
    connections: int
    calls_per_second: float
    ratio: float
    cpu_us: float
    p50_us: float
    p99_us: float


class _Seen(msgspec.Struct):
    rates: list[float]
    cpu: list[float]
    p50: list[float]
    p99: list[float]


def compare(contestants: Sequence[Contestant], connections: int, rounds: int, seconds: float) -> list[Row]:
    """One row a contestant, in order."""
    seen = [_Seen([], [], [], []) for _ in contestants]
    for contestant in contestants:
        uvloop.run(burst(contestant.target, connections, min(seconds, 0.5)))  # warm
    for _ in range(rounds):
        for contestant, figures in zip(contestants, seen, strict=True):
            _measure(contestant, connections, seconds, figures)
    first = median(seen[0].rates)
    return [
        Row(
            target=contestant.target.name,
            connections=connections,
            calls_per_second=round(median(figures.rates)),
            ratio=round(median(figures.rates) / first, 3),
            cpu_us=round(median(figures.cpu), 1),
            p50_us=round(median(figures.p50)),
            p99_us=round(median(figures.p99)),
        )
        for contestant, figures in zip(contestants, seen, strict=True)
    ]


def _measure(contestant: Contestant, connections: int, seconds: float, figures: _Seen) -> None:
    before = contestant.program.cpu()
    result = uvloop.run(burst(contestant.target, connections, seconds))
    used = contestant.program.cpu() - before
    figures.rates.append(result.rate)
    figures.cpu.append(used / result.calls * 1e6)
    figures.p50.append(result.quantile(0.5) * 1e6)
    figures.p99.append(result.quantile(0.99) * 1e6)
