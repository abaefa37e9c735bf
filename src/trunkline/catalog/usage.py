"""How people ask for services and tools: our own words, beside the manifests.

`modules/<category>/usage.yaml` holds phrases for the category and for its services,
`modules/<category>/usage/<service>.yaml` for the service's tools, by their names without the service.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import TypeVar

import msgspec
import yaml

from trunkline.catalog.family import MODULES
from trunkline.contract import CATEGORIES, InvalidManifest

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
        categories: dict[str, Phrases] = {}
        services: dict[str, Phrases] = {}
        tools: dict[str, Phrases] = {}
        for category in CATEGORIES:
            path = folder / category / FILE
            if path.exists():
                said = _read(path, _Category)
                categories[category] = said.category
                services |= said.services
            for path in sorted((folder / category / _FOLDER).glob("*.yaml")):
                tools |= {f"{path.stem}_{name}": said for name, said in _read(path, dict[str, Phrases]).items()}
        return Usage(categories, services, tools)

    def of_service(self, service: str) -> Phrases:
        return self.services.get(service, _NONE)

    def of_tool(self, name: str) -> Phrases:
        return self.tools.get(name, _NONE)


def _read(path: Path, kind: type[_T]) -> _T:
    try:
        return msgspec.convert(yaml.load(path.read_bytes(), yaml.CSafeLoader), kind)
    except (yaml.YAMLError, msgspec.ValidationError) as error:
        place = "/".join(path.parts[-2:])
        raise InvalidManifest(f"{place}: {error}", "Phrases are lists of texts by name.") from error
