"""Several services tried by worker processes, each with a gateway of its own."""

import os
import tempfile
from collections.abc import Mapping
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import msgspec

from bench.validity import door, house
from bench.validity.trial import Score, Trial
from trunkline.catalog.lock import Lock
from trunkline.catalog.manifests import Manifests
from trunkline.catalog.rows import Rows
from trunkline.catalog.sources import Sources
from trunkline.sandbox.descriptions import ManifestDescriptions

ROOT = Path(__file__).parents[2]


class Docket(msgspec.Struct, frozen=True):
    """What one worker tries. `share`: one tool in so many is called."""

    services: tuple[str, ...]
    modules: Path
    catalog: Path
    share: int


def sources(modules: Path) -> Sources:
    """Descriptions from where the tests have them too: TRUNKLINE_CACHE_DIR, TRUNKLINE_SPEC_MIRROR."""
    cache = os.environ.get("TRUNKLINE_CACHE_DIR") or ROOT / ".cache" / "downloads"
    mirror = os.environ.get("TRUNKLINE_SPEC_MIRROR")
    return Sources(Path(cache), Path(mirror) if mirror else None, lock=Lock.load(modules / "sources.lock"))


def scores(whole: Docket, workers: int) -> dict[str, Score]:
    """By service; `workers` processes share the docket. What could not be compiled is left out."""
    catalog = whole.catalog
    sizes = {name: len(Rows(rows).names) for name in whole.services if (rows := catalog / f"{name}.rows").exists()}
    dockets = [msgspec.structs.replace(whole, services=tuple(names)) for names in _shares(sizes, workers)]
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        return {score.service: score for found in pool.map(tried, dockets) for score in found}


def tried(docket: Docket) -> list[Score]:
    manifests = Manifests.load(docket.modules)
    descriptions = ManifestDescriptions(sources(docket.modules), manifests)
    with tempfile.TemporaryDirectory(prefix="trunkline-validity-") as name, door.opened() as opened:
        folder = Path(name)
        with house.gateway(folder / "data", docket.catalog, opened) as gateway:
            trial = Trial(gateway, opened, docket.catalog, folder / "judge")
            return [trial.of(manifests.by_id[service], descriptions, docket.share) for service in docket.services]


def _shares(sizes: Mapping[str, int], workers: int) -> list[list[str]]:
    """Each service to the worker with the least to do so far, the largest first."""
    shares: list[list[str]] = [[] for _ in range(min(workers, len(sizes)))]
    for name in sorted(sizes, key=lambda each: -sizes[each]):
        min(shares, key=lambda names: sum(sizes[each] for each in names)).append(name)
    return shares
