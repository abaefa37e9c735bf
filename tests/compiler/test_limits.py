"""A bad description never takes the compiler down: it is reported with its service, and the others are built."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.compiler.describe import document, operation
from trunkline.catalog.manifest import Manifest
from trunkline.compiler.job import Job, Result
from trunkline.compiler.pool import Limits, pool
from trunkline.compiler.service import compile_service
from trunkline.contract import Fault

GOOD = json.dumps(document({"/things": {"get": operation(operationId="listThings")}}))
BOMB = "openapi: 3.0.0\ninfo: {}\npaths: {}\na0: &a0 [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}, *a{n - 1}, *a{n - 1}, *a{n - 1}, *a{n - 1}, *a{n - 1}, *a{n - 1}]\n"
    for n in range(1, 12)
)


def manifest(name: str) -> Manifest:
    return Manifest(name, name, name, "code", f"https://{name}.test", (f"{name}.test",), "openapi", (f"npm:a:{name}",))


def jobs(folder: Path, **texts: str) -> list[Job]:
    for name, text in texts.items():
        (folder / name).write_text(text)
    return [Job(str(folder), manifest(name), "key", ((f"npm:a:{name}", str(folder / name)),)) for name in texts]


def compiled(folder: Path, limits: Limits | None = None, **texts: str) -> dict[str, Result]:
    with pool(2, limits) as processes:
        return {result.service: result for result in processes.run(jobs(folder, **texts))}


def nested(depth: int) -> str:
    """A body of so many objects inside one another."""
    open_, close = '{"type": "object", "properties": {"inner": ', '}, "required": ["inner"]}'
    body = {"content": {"application/json": {"schema": "here"}}}
    text = json.dumps(document({"/things": {"post": operation(operationId="createThing", requestBody=body)}}))
    return text.replace('"here"', open_ * depth + '{"type": "string"}' + close * depth)  # deeper than json can write


def cyclic() -> str:
    """allOf of itself, in two ways, and a $ref that goes round."""
    schemas = {
        "A": {"allOf": [{"$ref": "#/components/schemas/B"}, {"$ref": "#/components/schemas/B"}]},
        "B": {"allOf": [{"$ref": "#/components/schemas/A"}, {"properties": {"a": {"$ref": "#/components/schemas/A"}}}]},
        "C": {"$ref": "#/components/schemas/C"},
    }
    body = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/A"}}}}
    post = operation(operationId="createThing", requestBody=body)
    get = operation(operationId="listThings", parameters=[{"$ref": "#/components/schemas/C"}])
    return json.dumps(document({"/things": {"post": post, "get": get}}) | {"components": {"schemas": schemas}})


@pytest.mark.parametrize("bad", ["", "{", "[]", "null", '{"openapi": "3.0.0"}', nested(400), cyclic(), BOMB, "\0"])
def test_a_bad_description_costs_itself_at_most(tmp_path: Path, bad: str) -> None:
    results = compiled(tmp_path, bad=bad, good=GOOD)
    assert results["good"].built is not None
    fact = results["bad"].fact
    assert (results["bad"].built is None) == (fact is not None)
    assert fact is None or "npm:a:bad" in fact.message


def test_a_process_that_needs_too_much_memory_dies_alone_and_is_named(tmp_path: Path) -> None:
    huge = '{"openapi": "3.0.0", "paths": {}, "x": [' + ",".join(["{}"] * 4_000_000) + "]}"
    results = compiled(tmp_path, Limits(memory=400 << 20), huge=huge, good=GOOD)
    assert results["good"].built is not None
    fact = results["huge"].fact
    assert fact is not None
    assert "huge" in fact.message
    assert "npm:a:huge" in fact.message


@pytest.mark.slow
def test_a_process_that_takes_too_long_is_ended_and_the_next_job_gets_another(tmp_path: Path) -> None:
    endless = json.dumps({"openapi": "3.0.0", "paths": {f"/{n}": {"get": {"responses": {}}} for n in range(900_000)}})
    with pool(1, Limits(seconds=10.0)) as processes:
        ended, other = processes.run(jobs(tmp_path, endless=endless, good=GOOD))
    assert ended.fact is not None
    assert "took more than 10 s" in ended.fact.message
    assert other.service == "good"  # answered by another process, if a busy machine lets it start in time


_WORDS = """
type properties required items allOf oneOf $ref parameters requestBody content schema responses in name enum 200
description schemas components servers url security get post application/json default additionalProperties
"""
WORDS = st.sampled_from(_WORDS.split())
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=4),
    max_leaves=12,
)


def _outcome(root: object) -> str:
    """What became of a description: the compiler's complaint, or nothing."""
    try:
        compile_service(manifest("acme"), [("npm:a:acme", json.dumps(root).encode())])
    except Fault as fault:
        return fault.message
    return "npm:a:acme"


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(item=JSON, components=JSON, servers=JSON)
def test_whatever_stands_in_a_description_is_compiled_or_refused(item: Any, components: Any, servers: Any) -> None:
    root = {"openapi": "3.0.0", "paths": {"/things": item}, "components": components, "servers": servers}
    assert "acme" in _outcome(root)
