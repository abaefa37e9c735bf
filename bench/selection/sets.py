"""Sets of tools, and requests with their right answers, as files.

A set is a folder with `tools.jsonl[.gz]` and `queries.jsonl[.gz]`, a JSON object a line: the fields of Tool and Query.
"""

import gzip
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import msgspec
import numpy as np

AT_MOST = 200  # queries of a set
_SEED = 11  # chooses the queries that the published baselines of these sets were measured with


class Tool(msgspec.Struct, frozen=True):
    """`wire`: the name that a gateway before many servers gives it; made of server and name where it is not given."""

    id: str
    server: str
    name: str
    description: str | None = ""
    parameters: Any = None
    wire: str = ""

    @property
    def properties(self) -> dict[str, dict[str, Any]]:
        """What is said of each argument; nothing where it is not said in an object."""
        given: object = self.parameters
        members = cast("dict[str, Any]", given) if isinstance(given, dict) else {}
        return {name: each if isinstance(each, dict) else {} for name, each in members.items()}

    @property
    def exposed(self) -> str:
        return self.wire or re.sub(r"[^a-zA-Z0-9_.-]+", "_", f"{self.server}_{self.name}")


class Query(msgspec.Struct, frozen=True):
    """`gold`: ids of the tools that are right; `alternates`: for one of them, others that are as right as it."""

    id: str
    query: str
    gold: tuple[str, ...]
    alternates: dict[str, tuple[str, ...]] | None = None
    kind: str = ""
    lang: str = ""

    @property
    def wanted(self) -> list[frozenset[str]]:
        """For each tool that is right, the ids that count as it."""
        others = self.alternates or {}
        return [frozenset((gold, *others.get(gold, ()))) for gold in self.gold]


@dataclass(frozen=True)
class ToolSet:
    """Tools and the requests that are asked of them."""

    name: str
    tools: tuple[Tool, ...]
    queries: tuple[Query, ...]


def read(folder: Path) -> ToolSet:
    """The set in `folder` with at most AT_MOST of its queries. Raises FileNotFoundError, msgspec.DecodeError."""
    tools = msgspec.json.Decoder(Tool).decode_lines(content(folder / "tools.jsonl"))
    queries = msgspec.json.Decoder(Query).decode_lines(content(folder / "queries.jsonl"))
    return ToolSet(folder.name, tuple(tools), tuple(chosen(queries)))


def folders(home: Path) -> list[Path]:
    """The sets below `home` that ask anything."""
    held = (path.parent for path in home.glob("*/queries.jsonl*"))
    return sorted(folder for folder in held if content(folder / "queries.jsonl"))


def chosen(queries: Sequence[Query]) -> list[Query]:
    if len(queries) <= AT_MOST:
        return list(queries)
    # The generator that numpy promises never to change: other numbers would be another choice.
    places = np.random.RandomState(_SEED).permutation(len(queries))[:AT_MOST]
    return [queries[int(place)] for place in places]


def content(path: Path) -> bytes:
    """The bytes of `path`, or of `path`.gz unpacked."""
    packed = path.with_name(f"{path.name}.gz")
    return gzip.decompress(packed.read_bytes()) if packed.exists() else path.read_bytes()
