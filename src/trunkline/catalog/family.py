"""What the products of one family share: `modules/families/<family>.yaml`, named by a manifest's `family`.

A family is connected together: one credential serves all of it. It needs no file if it shares nothing else.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import cast

import msgspec
import yaml

MODULES = Path(__file__).resolve().parent.parent / "modules"
_OWN_TO_EACH = frozenset(("format", "id", "title", "summary", "family"))


class Paths(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The part of a description that an integration takes: paths that are, or are below, one of `include`.

    Empty: all. What is at or below one of `exclude` is another integration's.
    """

    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()

    def admit(self, path: str) -> bool:
        return (not self.include or _below(path, self.include)) and not _below(path, self.exclude)


def _below(path: str, places: tuple[str, ...]) -> bool:
    """`(` ends a segment too: OData's functions."""
    return any(path.startswith(place) and path[len(place) : len(place) + 1] in ("", "/", "(") for place in places)


def with_family(manifest: Mapping[str, object], folder: Path) -> dict[str, object]:
    """The manifest's own keys over those of its family, if it has one. Raises ValueError."""
    name = manifest.get("family")
    if name is None:
        return dict(manifest)
    path = folder / f"{name}.yaml"
    try:
        shared: object = yaml.load(path.read_bytes(), yaml.CSafeLoader) if path.exists() else {}
    except yaml.YAMLError as error:
        raise ValueError(f"family: families/{name}.yaml is not valid YAML: {error}") from error
    if not isinstance(shared, dict) or _OWN_TO_EACH & cast("dict[str, object]", shared).keys():
        raise ValueError(f"family: families/{name}.yaml must be keys of a manifest without {sorted(_OWN_TO_EACH)}")
    return {"vendor": name, **cast("dict[str, object]", shared), **manifest}
