"""What a rival is given and gives back: a folder with `tools.jsonl` and `queries.jsonl`, and `ranked.jsonl`."""

import json
import re
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

LIMIT = 10


@dataclass(frozen=True)
class Tool:
    """A tool as a gateway before many servers lists it; `name` is its server's name for it, `wire` the gateway's."""

    id: str
    server: str
    name: str
    wire: str
    description: str
    parameters: dict[str, dict[str, Any]]

    @property
    def schema(self) -> dict[str, Any]:
        return {"type": "object", "properties": self.parameters}

    @property
    def described(self) -> str:
        """Names of the arguments and the beginning of what is said about them."""
        texts = ((name, each.get("description")) for name, each in self.parameters.items())
        return " ".join(f"{name} {text[:80] if isinstance(text, str) else ''}" for name, text in texts)


# (tools, texts of the queries) -> for each query the numbers of its tools, best first
Engine = Callable[[Sequence[Tool], Sequence[str]], Sequence[Sequence[int]]]


def serve(engine: Engine) -> None:
    """Answers the folder that the command line names."""
    folder = Path(sys.argv[1])
    tools = [Tool(**row) for row in _lines(folder / "tools.jsonl")]
    queries = _lines(folder / "queries.jsonl")
    found = engine(tools, [query["query"] for query in queries])
    with (folder / "ranked.jsonl").open("w", encoding="utf-8") as file:
        for query, numbers in zip(queries, found, strict=True):
            ranked = [tools[number].id for number in numbers[:LIMIT]]
            file.write(json.dumps({"id": query["id"], "ranked": ranked}) + "\n")


def split(text: str) -> str:
    """Names as words: camelCase and snake_case taken apart."""
    return re.sub(r"([a-z0-9])([A-Z])", r"\1 \2", text).replace("_", " ")


def _lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_bytes().splitlines()]
