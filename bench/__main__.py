"""`make bench`: measures, prints, and writes docs/performance.json and docs/performance.md.

Fails when a bound is missed. `--quick` measures for a moment only, and writes nothing.
"""

import argparse
import os
import platform
import re
import sys
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bench import results, suites
from bench.results import Bound, Machine, Results
from bench.rounds import Row

QUICK = suites.Effort(rounds=1, seconds=0.5, starts=1)
out = Console(highlight=False)


def main() -> int:
    parser = argparse.ArgumentParser("python -m bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a moment only; writes nothing")
    parser.add_argument("--catalog", type=Path, required=True, help="the compiled catalog that start is measured with")
    options = parser.parse_args()
    effort = QUICK if options.quick else suites.Effort()
    found = Results(
        machine=machine(),
        rounds=effort.rounds,
        seconds=effort.seconds,
        federated=_shown("federated call, 1 KB", suites.federated(effort)),
        category=_shown("call through a category server", suites.category(effort)),
        start=suites.start(options.catalog, effort),
    )
    _show_bounds(found.bounds())
    if not options.quick:
        results.write(found)
        out.print(f"{results.FILE.name}, {results.PAGE.name}", style="dim")
    return 0 if all(bound.held for bound in found.bounds()) else 1


def machine() -> Machine:
    described = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    name = re.search(r"^model name\s*: (.+)$", described, flags=re.MULTILINE)
    processor = name[1] if name else platform.machine()
    return Machine(f"{datetime.now(UTC):%Y-%m-%d}", os.cpu_count() or 1, processor, platform.python_version())


def _shown(title: str, rows: list[Row]) -> list[Row]:
    table = Table("c", "", "calls/s", "ratio", "CPU us", "p50 us", "p99 us", title=title, box=None)
    for row in rows:
        figures = (f"{row.calls_per_second:,.0f}", f"{row.ratio:.2f}", row.cpu_us, row.p50_us, row.p99_us)
        table.add_row(str(row.connections), row.target, *(str(figure) for figure in figures))
    out.print(table)
    return rows


def _show_bounds(bounds: list[Bound]) -> None:
    table = Table("", "reached", "must", "aim", "", title="what must be reached", box=None)
    for bound in bounds:
        must, aim = (f"{bound.kind} {limit:g}" for limit in (bound.must, bound.aim))
        table.add_row(bound.what, f"{bound.reached:g} {bound.unit}", must, aim, "held" if bound.held else "MISSED")
    out.print(table)


if __name__ == "__main__":
    sys.exit(main())
