"""Calls of AWS through a category server, over HTTP, to the sandbox."""

import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from tests.category.house import KEY, call
from tests.support.aws import CREDENTIAL, MANIFESTS, REGION, specs
from tests.support.folders import downloads, mirror
from trunkline.catalog import Catalog, write_catalog
from trunkline.catalog.manifests import Manifests
from trunkline.catalog.sources import Sources
from trunkline.category.dial import SandboxDialer
from trunkline.category.server import CategoryServer
from trunkline.category.upstream import Upstream
from trunkline.connections.ticket import Opener, Sealer
from trunkline.contract import Done, Failed, ToolResult
from trunkline.sandbox.descriptions import ManifestDescriptions
from trunkline.sandbox.server import serve

NAMES = ("aws-s3", "aws-sts")


@pytest.fixture(scope="module")
def catalog(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    folder = tmp_path_factory.mktemp("aws")
    write_catalog(folder, [(MANIFESTS[name].service(), specs(MANIFESTS[name])) for name in NAMES])
    return Catalog.open(folder)


@asynccontextmanager
async def category(catalog: Catalog) -> AsyncGenerator[CategoryServer]:
    manifests = Manifests({name: MANIFESTS[name] for name in NAMES})
    async with serve(ManifestDescriptions(Sources(downloads(), mirror()), manifests)) as sandbox:
        upstream = Upstream(SandboxDialer(sandbox.host, sandbox.port))
        server = CategoryServer("cloud", catalog, Opener(KEY), upstream)
        try:
            yield server
        finally:
            await server.close()


async def end(catalog: Catalog, tool: str, arguments: dict[str, Any], **changes: Any) -> Done | Failed:
    service = tool.partition("_")[0]
    hosts = tuple(host.format(region=REGION) for host in MANIFESTS[service].hosts)
    facts = {"service": service, "category": "cloud", "hosts": hosts, "variables": {"region": REGION}}
    allowed = call(tool, arguments, **{**facts, **changes})
    async with category(catalog) as server:
        events = [event async for event in server.call(allowed, Sealer({"cloud": KEY}).seal(allowed, CREDENTIAL))]
    assert isinstance(events[-1], Done | Failed)
    return events[-1]


async def result(catalog: Catalog, tool: str, arguments: dict[str, Any]) -> ToolResult:
    found = await end(catalog, tool, arguments)
    assert isinstance(found, Done), found
    return found.result


async def test_who_am_i(catalog: Catalog) -> None:
    said = json.loads((await result(catalog, "aws-sts_get_caller_identity", {})).text)
    assert set(said) == {"Account", "Arn", "UserId"}


async def test_a_file_is_put_into_a_bucket_that_stands_in_the_host(catalog: Catalog) -> None:
    given = {"Bucket": "my-bucket", "Key": "a/b.txt", "Body": "hello", "ChecksumAlgorithm": "SHA256"}
    said = json.loads((await result(catalog, "aws-s3_put_object", given)).text)
    assert "ETag" in said


async def test_of_a_list_the_fields_that_matter_are_kept(catalog: Catalog) -> None:
    said = json.loads((await result(catalog, "aws-s3_list_objects", {"Bucket": "my.bucket"})).text)
    assert set(said["Contents"][0]) == {"Key", "Size", "LastModified", "StorageClass"}
    assert "ResponseMetadata" not in said


async def test_a_host_that_is_not_allowed_is_not_called(catalog: Catalog) -> None:
    found = await end(catalog, "aws-s3_list_objects", {"Bucket": "my-bucket"}, hosts=("s3.eu-west-1.amazonaws.com",))
    assert isinstance(found, Failed)
    assert found.fact.code == "host_denied"


async def test_a_wrong_argument_is_named_before_anything_is_sent(catalog: Catalog) -> None:
    found = await end(catalog, "aws-s3_list_objects", {"Bucket": "my-bucket", "Prefiks": "a"})
    assert isinstance(found, Failed)
    assert "did you mean `Prefix`" in found.fact.message
