"""This project's search over the tools of a set."""

import json
import re
import tempfile
from collections.abc import Sequence
from pathlib import Path

from bench.selection.score import Rankings
from bench.selection.sets import Tool, ToolSet
from trunkline.contract import Effect, Service, ToolSpec
from trunkline.selection.build import build
from trunkline.selection.index import Index

LIMIT = 10


def rank(given: ToolSet) -> Rankings:
    services, specs, ids = catalog(given.tools)
    with tempfile.TemporaryDirectory() as name:
        build(Path(name), services, specs)
        index = Index.open(Path(name))
        return {
            query.id: [ids[hit.name] for hit in index.search(query.query, limit=LIMIT).hits] for query in given.queries
        }


def catalog(tools: Sequence[Tool]) -> tuple[list[Service], list[ToolSpec], dict[str, str]]:
    """The tools as catalog rows, and the set's id of each wire name."""
    services: dict[str, Service] = {}
    taken: set[str] = set()
    specs: list[ToolSpec] = []
    ids: dict[str, str] = {}
    for tool in tools:
        if tool.server not in services:
            id_ = _free(re.sub(r"[^a-z0-9]+", "-", tool.server.lower()).strip("-"), taken)
            services[tool.server] = _service(tool.server, id_)
        name = _free(f"{services[tool.server].id}_{tool.name}", taken)
        ids[name] = tool.id
        specs.append(_spec(name, services[tool.server], tool))
    return list(services.values()), specs, ids


def _free(name: str, taken: set[str]) -> str:
    """`name`, or with a letter or more behind it if it is taken; then it is."""
    while not name or name in taken:
        name += "q"
    taken.add(name)
    return name


def _service(title: str, id: str) -> Service:
    return Service(id, title, "", "code", "https://x.example", ("x.example",))


def _spec(name: str, service: Service, tool: Tool) -> ToolSpec:
    schema = json.dumps({"type": "object", "properties": tool.properties}).encode()
    description = tool.description or ""
    return ToolSpec(
        name, service.id, service.category, name, "", description, Effect.WRITE, False, schema, name, 20, 200
    )
