"""The compiled catalog as a set of tools, and its search index by the code as it is now."""

import hashlib
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, cast

import msgspec

import trunkline
from bench.selection.engines import CACHE
from bench.selection.sets import Tool
from trunkline.catalog.catalog import Head, read_head
from trunkline.catalog.rows import Rows
from trunkline.catalog.usage import Usage
from trunkline.contract import Service, ToolSpec
from trunkline.selection.build import build

_ROOMS = ("selection", "modules")
_KEPT = 3
_FIELDS = ("description", "enum")  # of an argument: what the rivals read


def head(folder: Path) -> Head:
    """Raises FileNotFoundError if nothing is compiled there."""
    found = read_head(folder)
    if found is None:
        raise FileNotFoundError(folder)
    return found


def specs(folder: Path, services: Sequence[Service]) -> Iterator[ToolSpec]:
    for service in services:
        rows = Rows(folder / f"{service.id}.rows")
        yield from (spec for name in rows.names if (spec := rows.read(name)))


def names(folder: Path) -> set[str]:
    return {name for service in head(folder).services for name in Rows(folder / f"{service.id}.rows").names}


def tools(folder: Path) -> list[Tool]:
    """All tools as a gateway lists them, their arguments one level deep."""
    services = head(folder).services
    titles = {service.id: service.title for service in services}
    return [_tool(titles[spec.service], spec) for spec in specs(folder, services)]


def _tool(server: str, spec: ToolSpec) -> Tool:
    properties: dict[str, Any] = msgspec.json.decode(spec.input_schema).get("properties", {})
    arguments = {name: _argument(each) for name, each in properties.items()}
    description = spec.description if spec.description.startswith(spec.title) else f"{spec.title}. {spec.description}"
    return Tool(spec.name, server, spec.name, description, arguments, spec.name)


def _argument(schema: object) -> dict[str, Any]:
    known = cast("dict[str, Any]", schema) if isinstance(schema, dict) else {}
    return {key: known[key] for key in _FIELDS if key in known}


def indexed(folder: Path) -> Path:
    """A folder with the index of the catalog in `folder`, built once for a state of the code and the catalog."""
    known = head(folder)
    home = CACHE / "index" / f"{known.version}-{_state()}"
    if not home.exists():
        partial = home.with_suffix(".partial")
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(parents=True)
        build(partial, known.services, specs(folder, known.services), Usage.load())
        partial.rename(home)
        for old in sorted(home.parent.iterdir(), key=lambda path: path.stat().st_mtime)[:-_KEPT]:
            shutil.rmtree(old)
    return home


def _state() -> str:
    """A digest of all that decides what an index of the same rows holds."""
    digest = hashlib.sha256()
    for room in _ROOMS:
        for path in sorted((Path(trunkline.__file__).parent / room).rglob("*")):
            if path.is_file() and path.suffix != ".pyc":
                digest.update(path.name.encode() + hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:16]
