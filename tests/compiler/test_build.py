"""Building: parallel, incremental, and not stopped by what is broken."""

import hashlib
import json
from pathlib import Path

import pytest

from tests.compiler.describe import Node, document, operation
from trunkline.catalog import Catalog
from trunkline.catalog.lock import Lock, Pin
from trunkline.catalog.manifests import Manifests
from trunkline.catalog.sources import Sources
from trunkline.catalog.stats import details
from trunkline.compiler.build import build
from trunkline.compiler.report import Report, Step
from trunkline.contract import NotFound
from trunkline.selection.index import Index
from trunkline.selection.layout import FILE


class Workshop:
    """Three services whose descriptions are mirrored in a folder."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.folder = root / "catalog"
        self.said: list[str] = []
        for name in ("alpha", "beta", "gamma"):
            self.describe(name, document({"/things": {"get": operation(operationId="listThings")}}))
            self.declare(name)

    def describe(self, name: str, root: Node) -> None:
        (self.root / f"{name}.json").write_text(json.dumps(root))

    def declare(self, name: str, **more: object) -> None:
        folder = self.root / "modules" / "code"
        folder.mkdir(parents=True, exist_ok=True)
        source = {"openapi": f"github:acme/specs:{name}.json"}
        given = {"format": 1, "id": name, "title": name.title(), "summary": f"The {name}.", "source": source}
        (folder / f"{name}.yaml").write_text(json.dumps(given | {"hosts": [f"{name}.test"]} | more))

    def build(self, *, workers: int = 1) -> Report:
        names = [path.stem for path in (self.root / "modules" / "code").iterdir()]
        pins = {f"github:acme/specs:{name}.json": Pin("c1", self._sha256(name)) for name in names}
        index = [{"file": f"{name}.json", "source": f"github:acme/specs@c1:{name}.json"} for name in names]
        (self.root / "index.json").write_text(json.dumps(index))
        sources = Sources(self.root / "cache", self.root, lock=Lock(pins))
        self.said.clear()
        return build(self.folder, sources, Manifests.load(self.root / "modules"), self._say, workers=workers)

    def _say(self, step: Step) -> None:
        self.said.append(step.text)

    def _sha256(self, name: str) -> str:
        path = self.root / f"{name}.json"
        return hashlib.sha256(path.read_bytes()).hexdigest() if path.exists() else "0" * 64


@pytest.fixture
def workshop(tmp_path: Path) -> Workshop:
    return Workshop(tmp_path)


async def test_what_is_built_can_be_opened_and_searched(workshop: Workshop) -> None:
    report = workshop.build()
    assert (report.services, report.tools, report.compiled, report.problems) == (3, 3, 3, ())
    assert (await Catalog.open(workshop.folder).tool("beta_list_things")).operation == "listThings"
    assert Index.open(workshop.folder).search("list things of gamma").hits[0].service == "gamma"
    assert any("Alpha: 1 tools" in line for line in workshop.said)


def test_two_processes_give_the_same_catalog_as_one(workshop: Workshop) -> None:
    workshop.build(workers=1)
    alone = {path.name: path.read_bytes() for path in workshop.folder.glob("*.rows")}
    workshop.folder = workshop.root / "other"
    report = workshop.build(workers=2)
    assert report.compiled == 3
    assert {path.name: path.read_bytes() for path in workshop.folder.glob("*.rows")} == alone


def test_a_catalog_that_was_brought_up_to_date_is_the_one_that_is_built_from_nothing(workshop: Workshop) -> None:
    workshop.build()
    workshop.describe("beta", document({"/others": {"get": operation(operationId="listOthers")}}))
    (workshop.root / "modules" / "code" / "gamma.yaml").unlink()
    workshop.build()
    kept = {path.name: path.read_bytes() for path in workshop.folder.iterdir()}
    workshop.folder = workshop.root / "other"
    workshop.build()
    anew = {path.name: path.read_bytes() for path in workshop.folder.iterdir()}
    assert kept.keys() == anew.keys()
    assert all(kept[name] == anew[name] for name in kept if name != "build.msgpack")


def test_rows_that_are_up_to_date_are_indexed_without_being_compiled(workshop: Workshop) -> None:
    workshop.build()
    (workshop.folder / FILE).unlink()
    assert workshop.build().compiled == 0
    assert Index.open(workshop.folder).search("list things of gamma").hits[0].service == "gamma"


def test_only_what_changed_is_compiled_again(workshop: Workshop) -> None:
    workshop.build()
    assert workshop.build().compiled == 0
    assert workshop.said == []
    workshop.declare("beta", summary="Another.")
    assert workshop.build().compiled == 1
    workshop.describe("gamma", document({"/others": {"get": operation(operationId="listOthers")}}))
    assert workshop.build().compiled == 1
    assert Catalog.open(workshop.folder).services["beta"].summary == "Another."


def test_a_build_that_was_stopped_goes_on_where_it_was(workshop: Workshop) -> None:
    workshop.build()
    (workshop.folder / "catalog.msgpack").unlink()
    (workshop.folder / "beta.rows").unlink()
    report = workshop.build()
    assert (report.services, report.compiled) == (3, 1)
    assert len(Catalog.open(workshop.folder).services) == 3


@pytest.mark.parametrize("workers", [1, 2])
def test_a_broken_description_costs_its_own_service_only(workshop: Workshop, workers: int) -> None:
    (workshop.root / "beta.json").write_text("{")
    report = workshop.build(workers=workers)
    assert (report.services, len(report.problems)) == (2, 1)
    assert "beta" in report.problems[0]


def test_what_cannot_be_fetched_and_a_bad_manifest_are_reported(workshop: Workshop) -> None:
    (workshop.root / "beta.json").unlink()
    (workshop.root / "modules" / "code" / "gamma.yaml").write_text("format: 1\n")
    report = workshop.build()
    assert report.services == 1
    assert any("beta" in problem for problem in report.problems)
    assert any("code/gamma.yaml" in problem for problem in report.problems)


def test_a_service_that_is_no_longer_declared_is_gone(workshop: Workshop) -> None:
    workshop.build()
    (workshop.root / "modules" / "code" / "beta.yaml").unlink()
    report = workshop.build()
    assert (report.services, report.compiled) == (2, 0)
    assert set(Catalog.open(workshop.folder).services) == {"alpha", "gamma"}


def test_details_are_those_of_what_was_built(workshop: Workshop) -> None:
    with pytest.raises(NotFound):
        details(workshop.folder)
    workshop.build()
    figures = details(workshop.folder)
    assert figures.effects == {"read": 3}
    assert figures.paging == {}
    assert figures.listing_tokens > 3 * figures.signature_tokens_median > 0
