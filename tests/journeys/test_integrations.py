"""docs/integrations says what the compiled catalog holds."""

import re
from pathlib import Path

import pytest
import yaml

from docs import integrations
from trunkline.catalog.lock import Lock
from trunkline.catalog.manifest import parse_manifest
from trunkline.catalog.manifests import MODULES
from trunkline.catalog.stats import summary
from trunkline.catalog.tier import Tier, tier_of
from trunkline.contract import CATEGORIES, Service

ROW = re.compile(r"^\| [^|]+ \| `([\w-]+)` \| ([\d,]+) \|.*$", flags=re.MULTILINE)


def page(name: str) -> str:
    return (integrations.HERE / name).read_text("utf-8")


def rows() -> dict[str, str]:
    """The line of each integration, by id."""
    return {row.group(1): row.group(0) for category in CATEGORIES for row in ROW.finditer(page(f"{category}.md"))}


def without_figures(row: str) -> list[str]:
    """What manifest and lock decide: a row without its tools and its tier, which only a build knows."""
    cells = row.strip("| \n").split(" | ")
    return [*cells[:2], cells[3], *cells[5:]]


def test_every_row_is_what_its_manifest_says() -> None:
    shown, written = rows(), integrations.Rows.load()
    for service, row in shown.items():
        assert service in written.manifests, f"{service} is gone: run `make docs`"
        now = written.row(written.manifests[service].service())
        assert without_figures(row) == without_figures(now), "run `make docs`"


def test_the_index_adds_up() -> None:
    tools = [int(row.replace(",", "")) for _, row in ROW.findall("".join(page(f"{name}.md") for name in CATEGORIES))]
    assert f"| **all** | {len(tools)} | {sum(tools):,} |" in page("README.md")


def test_the_readme_says_what_the_index_says() -> None:
    figures = re.search(r"\| \*\*all\*\* \| (\d+) \| ([\d,]+) \| of (\d+) vendors", page("README.md"))
    assert figures is not None
    count, tools, vendors = figures.groups()
    readme = (integrations.HERE.parents[1] / "README.md").read_text("utf-8")
    assert f"{count} integrations of {vendors} vendors, {tools} tools." in readme


@pytest.mark.slow
def test_the_pages_are_what_the_whole_catalog_says(whole_catalog_folder: Path) -> None:
    written = integrations.pages(whole_catalog_folder)
    assert [name for name, text in written.items() if page(name) != text] == [], "run `make docs`"


@pytest.mark.slow
def test_the_index_agrees_with_the_statistics(whole_catalog_folder: Path) -> None:
    found = summary(whole_catalog_folder)
    lines = re.findall(r"^\| \[(\w+)\]\S+ \| (\d+) \| ([\d,]+) \|", page("README.md"), flags=re.MULTILINE)
    shown = {name: (int(count), int(tools.replace(",", ""))) for name, count, tools in lines}
    assert shown == {name: (each.integrations, each.tools) for name, each in found.categories.items()}


def test_the_licence_of_every_pinned_source_is_stated() -> None:
    licences = yaml.safe_load((MODULES / "licences.yaml").read_bytes())
    assert {integrations.origin_of(source) for source in Lock.load().pins} <= licences.keys()


def test_a_tier_is_earned_not_claimed() -> None:
    text = b"""
format: 1
id: acme
title: Acme
summary: Things.
source: {openapi: "npm:acme-api:openapi.json"}
hosts: [api.acme.test]
tools: {things/list: {keep: [id]}}
"""
    manifest = parse_manifest(text, "code/acme.yaml", "acme", "code")
    verified = Service("acme", "Acme", "Things.", "code", "https://api.acme.test", ("api.acme.test",), verify="acme_me")
    assert tier_of(manifest, verified) is Tier.BRONZE
    assert tier_of(manifest, manifest.service()) is Tier.GENERATED
