"""Steady, a judge that knows nothing of us, sees what the gateway sends for the tools of real services."""

from collections.abc import Generator, Sequence
from pathlib import Path

import pytest

from bench.validity import court, house, sample, session, table
from bench.validity.court import Court
from tests.compiler.describe import body, document, manifest, operation, parameter
from trunkline.catalog.manifests import MODULES, Manifests
from trunkline.sandbox.request import Request

_THINGS = {"type": "object", "properties": {"name": {"type": "string"}, "size": {"type": "integer"}}}
_DESCRIPTION = document(
    {
        "/things/{id}": {
            "post": operation(
                parameters=[parameter("id", "path"), parameter("limit", schema={"type": "integer"}, required=True)],
                requestBody=body(_THINGS | {"required": ["name"], "additionalProperties": False}),
            )
        },
        "/files/{name}-part-{number}.zip": {
            "get": operation(parameters=[parameter("name", "path"), parameter("number", "path")])
        },
    },
    servers=[{"url": "https://api.acme.test/v1"}],
)


@pytest.fixture(scope="module")
def judge(tmp_path_factory: pytest.TempPathFactory) -> Generator[Court]:
    served = manifest(base_url="https://api.acme.test/v1")
    with court.sitting(served, [_DESCRIPTION], tmp_path_factory.mktemp("judge")) as sitting:
        yield sitting


def sent(target: str, content: bytes, method: str = "POST") -> Request:
    return Request.of(method, f"api.acme.test{target}", {"Content-Type": "application/json"}, content)


def test_the_judge_accepts_what_the_description_asks_for(judge: Court) -> None:
    verdict = judge.judge(sent("/v1/things/7?limit=3", b'{"name":"a","size":1}'))
    assert (verdict.refused, verdict.excuse) == ("", "")


@pytest.mark.parametrize(
    ("target", "content"),
    [
        ("/v1/thing/7?limit=3", b'{"name":"a"}'),
        ("/things/7?limit=3", b'{"name":"a"}'),
        ("/v1/things/7", b'{"name":"a"}'),
        ("/v1/things/7?limit=many", b'{"name":"a"}'),
        ("/v1/things/7?limit=3", b'{"size":1}'),
        ("/v1/things/7?limit=3", b'{"name":"a","size":"big"}'),
        ("/v1/things/7?limit=3", b'{"name":"a","colour":"red"}'),
        ("/v1/things/7?limit=3", b""),
    ],
)
def test_the_judge_refuses_what_the_description_does_not_admit(judge: Court, target: str, content: bytes) -> None:
    assert judge.judge(sent(target, content)).refused


def test_where_the_judge_is_known_to_fail_the_sandbox_judges_and_it_is_said(judge: Court) -> None:
    verdict = judge.judge(sent("/v1/files/a-part-2.zip", b"", "GET"))
    assert verdict.refused == ""
    assert "Steady" in verdict.excuse


def refused(services: Sequence[str], catalog: Path) -> tuple[float, list[str]]:
    """The share of the calls that was accepted, and the reasons of the others."""
    scores = session.scores(session.Docket(tuple(services), MODULES, catalog, 1), workers=1)
    assert sorted(scores) == sorted(services)
    wrong = [f"{it.tool} ({it.kind}): {it.reason}" for score in scores.values() for it in score.refusals]
    return table.total(scores.values()), wrong


def _chosen() -> list[str]:
    manifests = Manifests.load().by_id
    return [*sample.named(manifests), *sample.sampled(manifests, 60)]


@pytest.mark.timeout(600)
def test_an_independent_judge_accepts_the_calls_of_a_tenth_of_the_sample(tmp_path: Path) -> None:
    manifests, chosen = Manifests.load().by_id, _chosen()[3::10]
    house.compiled(tmp_path, session.sources(MODULES), {name: manifests[name] for name in chosen})
    accepted, wrong = refused(chosen, tmp_path)
    assert accepted >= table.LEAST, wrong


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_an_independent_judge_accepts_the_calls_of_the_named_services_and_of_the_sample(
    whole_catalog_folder: Path,
) -> None:
    accepted, wrong = refused(_chosen(), whole_catalog_folder)
    assert accepted >= table.LEAST, wrong
