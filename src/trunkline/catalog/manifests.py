"""All manifests of a modules folder."""

from collections.abc import Mapping
from pathlib import Path

import msgspec

from trunkline.catalog import usage
from trunkline.catalog.family import MODULES
from trunkline.catalog.kept import Kept
from trunkline.catalog.manifest import Manifest, read_manifest
from trunkline.contract import CATEGORIES, Category, InvalidManifest


class Manifests(msgspec.Struct, frozen=True):
    """Manifests by service id, and what is wrong with the files that are none.

    `changed`: some are not as they were when they were read the last time, as far as that is remembered.
    """

    by_id: Mapping[str, Manifest]
    problems: tuple[InvalidManifest, ...] = ()
    changed: bool = False

    @staticmethod
    def load(folder: Path = MODULES, kept: Path | None = None) -> "Manifests":
        """Reads `<folder>/<category>/<service>.yaml` and `<service>/manifest.yaml`.

        One bad manifest does not stop the others. `kept` is a file of ours that remembers what was read, for the next
        time.
        """
        found: dict[str, Manifest] = {}
        problems: list[InvalidManifest] = []
        remembered = Kept(kept, folder)
        for category in CATEGORIES:
            for path in sorted([*(folder / category).glob("*.yaml"), *(folder / category).glob("*/manifest.yaml")]):
                if path.name == usage.FILE:
                    continue
                try:
                    manifest = _read(path, category, remembered)
                except InvalidManifest as problem:
                    problems.append(problem)
                    continue
                if manifest.id in found:
                    other = found[manifest.id].category
                    problems.append(InvalidManifest(f"{category}/{path.name}: id: {manifest.id!r} is also in {other}/"))
                    continue
                found[manifest.id] = manifest
        remembered.save()
        return Manifests(found, tuple(problems), remembered.changed)

    def require(self) -> "Manifests":
        """These manifests. Raises InvalidManifest with every problem if there is one."""
        if self.problems:
            raise InvalidManifest("\n".join(problem.message for problem in self.problems), self.problems[0].hint)
        return self


def _read(path: Path, category: Category, kept: Kept) -> Manifest:
    text = path.read_bytes()
    where = f"{category}/{path.parent.name}/{path.name}"
    return kept.get(where, text, lambda: read_manifest(path, text, category))
