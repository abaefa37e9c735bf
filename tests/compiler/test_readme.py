"""The service that README.md adds: its two files are taken from the page and compiled."""

import re
from pathlib import Path

from tests.quality.tree import ROOT
from trunkline.catalog.manifests import Manifests
from trunkline.category.request import RequestBuilder
from trunkline.compiler.service import compile_service
from trunkline.contract import Effect, Plan

BLOCK = re.compile(r"```yaml\n# modules/(\S+)\n(.*?)```", re.DOTALL)


def test_the_service_that_the_readme_adds_works(tmp_path: Path) -> None:
    files = dict(BLOCK.findall((ROOT / "README.md").read_text("utf-8")))
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    (manifest,) = Manifests.load(tmp_path).require().by_id.values()
    (source,) = manifest.sources
    compiled = compile_service(manifest, [(source, files[source.removeprefix("own:")].encode())])
    assert compiled.problems == ()
    assert compiled.service.verify == "chores_list_chores"
    effects = {spec.name: spec.effect for spec in compiled.specs}
    assert effects == {"chores_list_chores": Effect.READ, "chores_create_chore": Effect.WRITE}
    create = next(spec for spec in compiled.specs if spec.effect is Effect.WRITE)
    assert isinstance(create.plan, Plan)
    request = RequestBuilder(compiled.service, create.plan).build({"title": "Water the plants"}, {})
    assert (request.method, request.url) == ("POST", "https://chores.example.com/chores")
    assert request.body == b'{"title":"Water the plants"}'
