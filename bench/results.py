"""What a run of the bench found, as data; docs/performance.md is drawn from it."""

from pathlib import Path

import jinja2
import msgspec

from bench.rounds import Row

FILE = Path(__file__).parents[1] / "docs" / "performance.json"
PAGE = FILE.with_suffix(".md")
TEMPLATE = Path(__file__).with_name("performance.md.jinja")
AT_MOST, AT_LEAST = "<=", ">="


class Machine(msgspec.Struct, frozen=True):
    """Where and when. Figures of one machine say nothing about another; ratios do."""

    day: str
    cores: int
    processor: str
    python: str


class Bound(msgspec.Struct, frozen=True):
    """One line of what must be reached. `kind` is AT_MOST or AT_LEAST."""

    what: str
    reached: float
    kind: str
    must: float
    aim: float
    unit: str = ""

    @property
    def held(self) -> bool:
        return self.reached <= self.must if self.kind == AT_MOST else self.reached >= self.must


class Start(msgspec.Struct, frozen=True):
    """From starting the program to its first answer; medians of `runs`. Memory is what is resident when idle."""

    services: int
    tools: int
    runs: int
    seconds: float
    gateway_mb: float
    family_mb: float


class Results(msgspec.Struct, frozen=True):
    machine: Machine
    rounds: int
    seconds: float
    federated: list[Row]
    category: list[Row]
    start: Start

    def bounds(self) -> list[Bound]:
        """What this run says about the figures that must be reached."""
        direct, gateway, legacy = (
            _by_connections(self.federated, name) for name in ("direct", "gateway", "legacy client")
        )
        category = {row.target: row.cpu_us for row in self.category}
        added = (gateway[16].p99_us - direct[16].p99_us) / 1000
        eras = legacy[16].calls_per_second / gateway[16].calls_per_second
        return [
            Bound("gateway CPU per federated call, 1 KB", gateway[16].cpu_us, AT_MOST, 100, 50, "us"),
            Bound(
                "CPU per call through a category, both hops, kept whole",
                category["kept whole"],
                AT_MOST,
                300,
                180,
                "us",
            ),
            Bound(
                "CPU per call through a category, both hops, shaped", category["fields kept"], AT_MOST, 400, 250, "us"
            ),
            Bound("calls/s as a share of direct, c=16", gateway[16].ratio, AT_LEAST, 0.2, 0.4),
            Bound("calls/s as a share of direct, c=64", gateway[64].ratio, AT_LEAST, 0.2, 0.4),
            Bound("added p99, c=16", round(added, 2), AT_MOST, 3, 1, "ms"),
            Bound("legacy clients against modern ones, calls/s", round(eras, 2), AT_LEAST, 0.8, 0.95),
            Bound("start to the first tools/list", round(self.start.seconds, 2), AT_MOST, 2, 0.6, "s"),
            Bound("resident memory of an idle gateway", round(self.start.gateway_mb), AT_MOST, 150, 110, "MB"),
        ]


def _by_connections(rows: list[Row], target: str) -> dict[int, Row]:
    return {row.connections: row for row in rows if row.target == target}


def write(results: Results) -> None:
    FILE.write_bytes(msgspec.json.format(msgspec.json.encode(results), indent=1) + b"\n")
    PAGE.write_text(page(results), encoding="utf-8")


def read() -> Results:
    return msgspec.json.decode(FILE.read_bytes(), type=Results)


def page(results: Results) -> str:
    """docs/performance.md."""
    environment = jinja2.Environment(undefined=jinja2.StrictUndefined, trim_blocks=True, keep_trailing_newline=True)
    template = environment.from_string(TEMPLATE.read_text(encoding="utf-8"))
    return template.render(run=results, bounds=results.bounds())
