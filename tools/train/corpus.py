"""What the table learns from: pairs of texts that mean the same, of texts whose licence permits it.

- tools of the compiled catalog whose descriptions are under Apache-2.0, MIT, or ours: name, title, description,
  arguments say the same in other words;
- our own usage phrases: how a person asks, and the tool;
- WordNet (its licence permits any use): words and their glosses, for the language outside of APIs.
"""

import random
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import msgspec
import yaml

from tools.train.wordnet import Meaning
from trunkline.catalog.catalog import read_head
from trunkline.catalog.family import MODULES
from trunkline.catalog.manifest import OWN, Manifest
from trunkline.catalog.manifests import Manifests
from trunkline.catalog.rows import Rows
from trunkline.contract import Service, ToolSpec
from trunkline.selection.signature import first_sentence

_PERMISSIVE = ("Apache-2.0", "MIT")
_NOT_PERMISSIVE = "proprietary"  # "MIT (package); the vendor calls its descriptions proprietary"
_DESCRIPTION = 300
_ARGUMENTS = 12


@dataclass(frozen=True, slots=True)
class Pair:
    """`asked` and `text` mean the same; pairs of one `group` are each other's hard negatives."""

    asked: str
    text: str
    group: str


def permissive(folder: Path) -> Iterator[tuple[Service, ToolSpec]]:
    """The tools of the compiled catalog in `folder` whose descriptions may be learnt from."""
    licences = cast("dict[str, str]", yaml.safe_load((MODULES / "licences.yaml").read_bytes()))
    manifests = Manifests.load().require().by_id
    head = read_head(folder)
    assert head is not None, f"no catalog in {folder}"
    for service in sorted(head.services, key=lambda each: each.id):
        if _permitted(manifests[service.id], licences):
            rows = Rows(folder / f"{service.id}.rows")
            yield from ((service, spec) for name in sorted(rows.names) if (spec := rows.read(name)) is not None)


def _permitted(manifest: Manifest, licences: Mapping[str, str]) -> bool:
    return all(_free(licences[origin]) for source in manifest.sources if (origin := _origin(source)))


def _free(licence: str) -> bool:
    return licence.startswith(_PERMISSIVE) and _NOT_PERMISSIVE not in licence


def _origin(source: str) -> str:
    """`npm:@scope/name:file` -> `npm:@scope/name`; "" for a module in Python, which is ours."""
    if source.startswith("python:"):
        return ""
    return "own" if source.startswith(OWN) else ":".join(source.split(":")[:2])


def of_tools(tools: Iterable[tuple[Service, ToolSpec]]) -> Iterator[Pair]:
    for service, spec in tools:
        name = f"{service.title}: {_own_name(spec)}"
        first = first_sentence(spec.description, 160)
        rest = spec.description[len(first) : _DESCRIPTION].strip(" .")
        yield Pair(first, name, service.id)
        yield Pair(_own_name(spec), f"{service.title}: {spec.description[:_DESCRIPTION]}", service.id)
        if len(rest) > 40:
            yield Pair(rest, f"{name}. {first}", service.id)
        arguments = _arguments(spec.input_schema)
        if len(arguments) > 30:
            yield Pair(arguments, f"{name}. {first}", service.id)


def _own_name(spec: ToolSpec) -> str:
    return spec.name.partition("_")[2].replace("_", " ")


class _Schema(msgspec.Struct):
    properties: dict[str, object] = {}


def _arguments(schema: bytes) -> str:
    return " ".join(list(msgspec.json.decode(schema, type=_Schema).properties)[:_ARGUMENTS])


def of_meanings(meanings: Iterable[Meaning]) -> Iterator[Pair]:
    for meaning in meanings:
        words = meaning.words
        if len(meaning.gloss) > 8:
            yield Pair(words[0], meaning.gloss, "wordnet")
        if len(words) > 1:
            yield Pair(words[-1], f"{words[0]}, {meaning.gloss}", "wordnet")
        for example in meaning.examples[:1]:
            yield Pair(example, f"{', '.join(words)}, {meaning.gloss}", "wordnet")


def shuffled(pairs: Iterable[Pair], seed: int) -> list[Pair]:
    listed = list(dict.fromkeys(pair for pair in pairs if pair.asked.strip() and pair.text.strip()))
    random.Random(seed).shuffle(listed)
    return listed
