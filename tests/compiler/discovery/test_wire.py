"""Everyday calls of Google Cloud, byte for byte as its guides write them.

Cloud Storage: "Upload objects from memory", "Download objects", "Object naming" (a `/` in a name is %2F). Pub/Sub:
projects.topics.publish. BigQuery: jobs.query. Compute Engine: instances.list, instances.stop.
"""

import re
from typing import Any

import pytest

from tests.support.folders import downloads, mirror
from trunkline.catalog.manifests import Manifests
from trunkline.catalog.sources import Sources
from trunkline.category.request import Request, RequestBuilder
from trunkline.compiler.service import CompiledService, compile_service
from trunkline.contract import Plan

SERVICES = ("google-storage", "google-pubsub", "google-bigquery", "google-compute")
CALLS: list[tuple[str, dict[str, Any], str, bytes | None]] = [
    (
        "google-storage_download_object",
        {"bucket": "b", "object": "a/b c.txt"},
        "GET https://storage.googleapis.com/storage/v1/b/b/o/a%2Fb%20c.txt?alt=media",
        None,
    ),
    (
        "google-storage_list_objects",
        {"bucket": "b", "prefix": "a/"},
        "GET https://storage.googleapis.com/storage/v1/b/b/o?prefix=a%2F",
        None,
    ),
    (
        "google-pubsub_publish_topic",
        {"topic": "projects/p/topics/t", "messages": [{"data": "aGk="}]},
        "POST https://pubsub.googleapis.com/v1/projects/p/topics/t:publish",
        b'{"messages":[{"data":"aGk="}]}',
    ),
    (
        "google-bigquery_run_query",
        {"projectId": "p", "query": "select 1", "useLegacySql": False},
        "POST https://bigquery.googleapis.com/bigquery/v2/projects/p/queries",
        b'{"query":"select 1","useLegacySql":false}',
    ),
    (
        "google-compute_list_instances",
        {"project": "p", "zone": "us-central1-a"},
        "GET https://compute.googleapis.com/compute/v1/projects/p/zones/us-central1-a/instances",
        None,
    ),
    (
        "google-compute_stop_instance",
        {"project": "p", "zone": "z", "instance": "i"},
        "POST https://compute.googleapis.com/compute/v1/projects/p/zones/z/instances/i/stop",
        None,
    ),
]


@pytest.fixture(scope="module")
def compiled() -> dict[str, CompiledService]:
    manifests, sources = Manifests.load().by_id, Sources(downloads(), mirror())
    texts = {name: [(source, sources.fetch(source)) for source in manifests[name].sources] for name in SERVICES}
    return {name: compile_service(manifests[name], text) for name, text in texts.items()}


def built(compiled: dict[str, CompiledService], name: str, arguments: dict[str, Any]) -> Request:
    found = compiled[name.partition("_")[0]]
    (spec,) = [spec for spec in found.specs if spec.name == name]
    assert isinstance(spec.plan, Plan)
    return RequestBuilder(found.service, spec.plan).build(arguments, {}, None)


@pytest.mark.parametrize(("name", "arguments", "line", "body"), CALLS, ids=[name for name, *_ in CALLS])
def test_a_call_is_what_google_documents(
    compiled: dict[str, CompiledService], name: str, arguments: dict[str, Any], line: str, body: bytes | None
) -> None:
    request = built(compiled, name, arguments)
    assert f"{request.method} {request.url}" == line
    assert request.body == body


def test_an_object_goes_up_with_what_is_said_of_it(compiled: dict[str, CompiledService]) -> None:
    arguments = {"bucket": "b", "name": "a b.txt", "file": "hi"}
    request = built(compiled, "google-storage_create_object_with_content", arguments)
    assert request.url == "https://storage.googleapis.com/upload/storage/v1/b/b/o?uploadType=multipart&name=a%20b.txt"
    boundary = request.headers["Content-Type"].removeprefix("multipart/related; boundary=")
    assert request.body is not None
    assert [
        part.partition(b"\r\n\r\n")[2] for part in re.split(f"--{boundary}(?:--)?".encode(), request.body)[1:3]
    ] == [
        b"{}\r\n",
        b"hi\r\n",
    ]
