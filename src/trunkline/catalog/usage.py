"""How people ask for services and tools: our own words, beside the manifests.

`modules/<category>/usage.yaml` holds phrases for the category and for its services,
`modules/<category>/usage/<service>.yaml` for the service's tools, by their names without the service.
"""

from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import TypeVar

import msgspec
import yaml

from trunkline.catalog.family import MODULES
from trunkline.contract import CATEGORIES, Category, InvalidManifest

FILE = "usage.yaml"
_FOLDER = "usage"
_NONE: tuple[str, ...] = ()
Phrases = tuple[str, ...]
_T = TypeVar("_T")


class _Category(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    category: Phrases = ()
    services: dict[str, Phrases] = {}


class Usage(msgspec.Struct, frozen=True):
    """Phrases by category, by service id, and by tool name."""

    categories: Mapping[str, Phrases] = {}
    services: Mapping[str, Phrases] = {}
    tools: Mapping[str, Phrases] = {}

    @staticmethod
    def load(folder: Path = MODULES) -> "Usage":
        """All phrases of a modules folder. Raises InvalidManifest, naming the file."""
        categories = {category: _category(folder, category) for category in CATEGORIES}
        services: dict[str, Phrases] = {}
        tools: dict[str, Phrases] = {}
        for category, said in categories.items():
            services |= said.services
            for path in sorted((folder / category / _FOLDER).glob("*.yaml")):
                tools |= _tools(path)
        return Usage({name: said.category for name, said in categories.items() if said.category}, services, tools)

    def of_service(self, service: str) -> Phrases:
        return self.services.get(service, _NONE)

    def of_tool(self, name: str) -> Phrases:
        return self.tools.get(name, _NONE)


class Phrasebook:
    """The phrases of a modules folder, service by service: those of its tools are read when they are asked for."""

    def __init__(self, folder: Path = MODULES) -> None:
        """Raises InvalidManifest, naming the file."""
        self._folder = folder
        self._categories = {category: _category(folder, category) for category in CATEGORIES}

    def of(self, category: Category, service: str) -> Usage:
        """The phrases of one service and of its tools. Raises InvalidManifest, naming the file."""
        path = self._path(category, service)
        said = self._categories[category].services.get(service, _NONE)
        return Usage(services={service: said}, tools=_tools(path) if path.exists() else {})

    def digest(self, category: Category, service: str) -> bytes:
        """Another one when `of` would be another."""
        path = self._path(category, service)
        said = self._categories[category].services.get(service, _NONE)
        return sha256(msgspec.msgpack.encode(said) + (path.read_bytes() if path.exists() else b"")).digest()

    def _path(self, category: Category, service: str) -> Path:
        return self._folder / category / _FOLDER / f"{service}.yaml"


def _category(folder: Path, category: Category) -> _Category:
    path = folder / category / FILE
    return _read(path, _Category) if path.exists() else _Category()


def _tools(path: Path) -> dict[str, Phrases]:
    """By name, with the service."""
    return {f"{path.stem}_{name}": said for name, said in _read(path, dict[str, Phrases]).items()}


def _read(path: Path, kind: type[_T]) -> _T:
    try:
        return msgspec.convert(yaml.load(path.read_bytes(), yaml.CSafeLoader), kind)
    except (yaml.YAMLError, msgspec.ValidationError) as error:
        place = "/".join(path.parts[-2:])
        raise InvalidManifest(f"{place}: {error}", "Phrases are lists of texts by name.") from error
