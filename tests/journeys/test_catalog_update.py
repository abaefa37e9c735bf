"""`trunkline catalog update`, against registries that speak as npm's and PyPI's do (tests/support/registry.py)."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.support.folders import ROOT
from tests.support.registry import Registry, serving

PACKAGE = ROOT / "src" / "trunkline"
MEMBER = "openapi.json"
WHEEL_MEMBER = "widget_api/openapi.json"


def description(*names: str, **more: Any) -> bytes:
    paths = {f"/{name}": {"get": {"operationId": f"list{name.title()}", **more}} for name in names}
    return json.dumps({"openapi": "3.0.3", "info": {"title": "T", "version": "1"}, "paths": paths}).encode()


@dataclass
class Workshop:
    """A copy of the package with two services, whose catalog is built from version 1.0.0 of each description."""

    home: Path
    registry: Registry

    def run(self, *command: str, answer: str = "") -> str:
        environment = {**os.environ, **self.registry.environment(), "PYTHONPATH": str(self.home)}
        environment |= {"npm_config_cache": str(self.home / "npm"), "TRUNKLINE_CACHE_DIR": str(self.home / "cache")}
        environment.pop("TRUNKLINE_SPEC_MIRROR", None)
        done = subprocess.run(
            [sys.executable, "-m", "trunkline", "catalog", *command, "--data-dir", str(self.home / "data")],
            env=environment,
            input=answer,
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout + done.stderr

    def pins(self) -> dict[str, str]:
        lock = json.loads((self.home / "trunkline/modules/sources.lock").read_bytes())
        return {source: pin["version"] for source, pin in lock.items()}

    def tools(self) -> int:
        return json.loads(self.run("stats", "--json"))["tools"]


@pytest.fixture
def workshop(tmp_path: Path) -> Generator[Workshop]:
    with serving() as registry:
        shutil.copytree(PACKAGE, tmp_path / "trunkline", ignore=shutil.ignore_patterns("modules", "__pycache__"))
        first = {"acme": description("things", "people"), "widget": description("parts")}
        registry.publish_npm("acme-api", "1.0.0", {MEMBER: first["acme"]})
        registry.publish_pypi("widget-api", "1.0.0", {WHEEL_MEMBER: first["widget"]})
        _modules(tmp_path / "trunkline/modules", first)
        made = Workshop(tmp_path, registry)
        made.run("build")
        yield made


def _modules(folder: Path, descriptions: dict[str, bytes]) -> None:
    sources = {"acme": f"npm:acme-api:{MEMBER}", "widget": f"pypi:widget-api:{WHEEL_MEMBER}"}
    for category in (path for path in (PACKAGE / "modules").iterdir() if path.is_dir()):
        (folder / category.name).mkdir(parents=True)
    for name, source in sources.items():
        lines = ("format: 1", f"id: {name}", f"title: {name}", "summary: Things.", f"source: {{openapi: '{source}'}}")
        text = "\n".join((*lines, f"hosts: [{name}.example]"))
        (folder / "code" / f"{name}.yaml").write_text(text, encoding="utf-8")
    pins = {
        source: {"version": "1.0.0", "sha256": hashlib.sha256(descriptions[name]).hexdigest()}
        for name, source in sources.items()
    }
    (folder / "sources.lock").write_text(json.dumps(pins), encoding="utf-8")
    (folder / "__init__.py").touch()


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_newer_descriptions_are_shown_before_they_are_applied_and_broken_ones_refused(workshop: Workshop) -> None:
    assert "newest version" in workshop.run("update")

    newer = json.loads(description("things", "orders"))
    newer["paths"]["/things"]["get"]["description"] = "All there are."
    workshop.registry.publish_npm("acme-api", "1.1.0", {MEMBER: json.dumps(newer).encode()})
    workshop.registry.publish_pypi("widget-api", "1.1.0", {WHEEL_MEMBER: description("parts", "tools")})

    shown = workshop.run("update", answer="n\n")
    assert "added: 2 tools acme_list_orders, widget_list_tools" in shown
    assert "removed: 1 tools acme_list_people" in shown
    assert "changed: 1 tools acme_list_things" in shown
    assert set(workshop.pins().values()) == {"1.0.0"}
    assert workshop.tools() == 3

    workshop.run("update", "--yes")
    assert set(workshop.pins().values()) == {"1.1.0"}
    assert workshop.tools() == 4

    workshop.registry.publish_npm("acme-api", "2.0.0", {MEMBER: b'{"openapi": "3.0.3", "paths": '})
    workshop.registry.publish_pypi("widget-api", "1.2.0", {WHEEL_MEMBER: description("parts", "tools", "bolts")})
    said = workshop.run("update", "--yes")
    assert "refused: acme stays as it is: its newer description has 0 of 2 tools" in said
    assert "neither JSON nor YAML" in said
    assert workshop.pins() == {f"npm:acme-api:{MEMBER}": "1.1.0", f"pypi:widget-api:{WHEEL_MEMBER}": "1.2.0"}
    assert workshop.tools() == 5
