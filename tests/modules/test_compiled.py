"""Every hand-written module, as the catalog compiles it."""

import json

import pytest

from tests.modules.workbench import compiled
from trunkline.catalog.manifests import Manifests
from trunkline.contract import Effect, PythonPlan

MODULES = sorted(name for name, manifest in Manifests.load().by_id.items() if manifest.kind == "python")


def test_the_databases_that_people_ask_for_are_there() -> None:
    assert {"postgres", "mongodb", "redis"} <= set(MODULES)


@pytest.mark.parametrize("name", MODULES)
def test_every_tool_has_a_schema_a_plan_and_a_description(name: str) -> None:
    service, specs = compiled(name)
    assert service.verify in {spec.name for spec in specs}
    for spec in specs:
        schema = json.loads(spec.input_schema)
        assert isinstance(spec.plan, PythonPlan)
        assert spec.description.endswith((".", ")")), spec.name
        assert schema["additionalProperties"] is False
        assert '"null"' not in json.dumps(schema)
        assert len(spec.input_schema) < 2_500, spec.name


@pytest.mark.parametrize("name", MODULES)
def test_a_tool_that_removes_something_says_so(name: str) -> None:
    removing = ("drop", "delete", "del", "rem", "pop", "write", "rename")
    for spec in compiled(name)[1]:
        says = any(word in spec.name.partition("_")[2] for word in removing)
        assert says == (spec.effect is Effect.DELETE), spec.name
