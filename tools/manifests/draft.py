"""Drafts manifests: `python tools/manifests/draft.py wanted.jsonl`; one that exists is a person's and is left alone.

A line of `wanted.jsonl` says what no description knows: `sources` (id to version), `id`, `title`, `category`, `vendor`,
`summary`, perhaps `family` and `domains`, and in `given` whatever keys of the manifest the description has wrong.
TRUNKLINE_SPEC_MIRROR names the folder that github: sources are read from, if it is set.
"""

import argparse
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, cast

import msgspec
import yaml
from check_read import read_of
from credentials import auth_of
from places import place_of

from trunkline.catalog.family import MODULES
from trunkline.catalog.lock import Lock
from trunkline.catalog.relock import relock
from trunkline.catalog.sources import Sources
from trunkline.compiler.node import Node


class Wanted(msgspec.Struct, frozen=True):
    """One integration to draft. `sources` are ids to versions; `given` wins over what the description says."""

    id: str
    title: str
    category: str
    vendor: str
    summary: str
    sources: dict[str, str]
    family: str = ""
    domains: list[str] = []
    given: dict[str, Any] = {}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("wanted", type=Path)
    wanted = msgspec.json.decode(
        b"[" + b",".join(parser.parse_args().wanted.read_bytes().splitlines()) + b"]", type=list[Wanted]
    )
    mirror = os.environ.get("TRUNKLINE_SPEC_MIRROR")
    cache = Path(".cache/downloads")
    lock = _locked(wanted, Lock.load(), cache, Path(mirror) if mirror else None)
    sources = Sources(cache, Path(mirror) if mirror else None, lock=lock)
    for each in wanted:
        path = MODULES / each.category / f"{each.id}.yaml"
        if not path.exists() and not path.with_suffix("").exists():
            roots = [parse(sources.fetch(source)) for source in each.sources]
            path.write_text(text_of(manifest(each, roots)))


def _locked(wanted: Iterable[Wanted], lock: Lock, cache: Path, mirror: Path | None) -> Lock:
    """The lock with every source that it lacks; saved."""
    missing = {
        source: version for each in wanted for source, version in each.sources.items() if source not in lock.pins
    }
    lock = relock(lock, Sources(cache, mirror, lock=lock), missing)
    lock.save()
    return lock


def parse(text: bytes) -> Node:
    root: object = msgspec.json.decode(text) if text.lstrip()[:1] == b"{" else yaml.safe_load(text)
    return cast("Node", root)


def manifest(wanted: Wanted, roots: list[Node]) -> Node:
    """The manifest as data, in the order it is written. The first description says where and how."""
    ids = list(wanted.sources)
    place = place_of(roots[0], wanted.title, wanted.domains)
    read = next(filter(None, map(read_of, roots)), None)
    found: Node = {
        "format": 1,
        "id": wanted.id,
        "title": wanted.title,
        "summary": wanted.summary,
        "family" if wanted.family else "vendor": wanted.family or wanted.vendor,
        "source": {"openapi": ids[0] if len(ids) == 1 else ids},
        "hosts": place.hosts,
        "base_url": place.base_url,
        "variables": place.variables,
        "auth": auth_of(roots[0], wanted.vendor),
        "verify": {"get": read} if read else {},
    }
    return _without_defaults(found | wanted.given)


def _without_defaults(found: Node) -> Node:
    """Without what goes without saying."""
    defaults = {"vendor": found["id"], "base_url": f"https://{found['hosts'][0]}" if found.get("hosts") else ""}
    return {key: value for key, value in found.items() if value not in ({}, [], None, defaults.get(key))}


def text_of(found: Mapping[str, object]) -> str:
    """A key a line, as people write manifests."""
    return "".join(f"{key}: {_flow(value)}\n" for key, value in found.items())


def _flow(value: object) -> str:
    text = yaml.safe_dump(value, default_flow_style=True, width=10_000, allow_unicode=True, sort_keys=False)
    return text.removesuffix("\n").removesuffix("\n...")


if __name__ == "__main__":
    main()
