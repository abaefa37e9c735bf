"""AWS requests equal those of a real client of botocore, to the last byte of body and signature.

The client sees the same parameters; its clock is read off its request and given to ours.
"""

import json
import zlib
from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.aws import (
    CREDENTIAL,
    MANIFESTS,
    REGION,
    TOKEN,
    Client,
    Sent,
    arguments,
    operation_of,
    plan_of,
    sent,
    specs,
)
from trunkline.category.aws.values import parameters
from trunkline.category.validate import ArgumentsValidator
from trunkline.contract import ToolSpec

QUICK = ("aws-sqs", "aws-polly")  # json, rest-json
SERVICES: list[Any] = [
    name if name in QUICK else pytest.param(name, marks=[pytest.mark.slow, pytest.mark.timeout(900)])
    for name in sorted(MANIFESTS)
    if name != "aws-codecatalyst"  # it takes a bearer token, for which botocore wants a file in the home folder
]


# A copy between regions carries a second, signed URL, which a caller of ours gives as `PresignedUrl`. Lean or not.
SECOND_SIGNATURE = {
    ("aws-ec2_copy_snapshot", True),
    ("aws-ec2_copy_snapshot", False),
    ("aws-rds_copy_db_cluster_snapshot", False),
    ("aws-rds_copy_db_snapshot", False),
    ("aws-rds_create_db_cluster", False),
    ("aws-rds_create_db_instance_read_replica", False),
    ("aws-rds_start_db_instance_automated_backups_replication", False),
    ("aws-neptune_copy_db_cluster_snapshot", False),
    ("aws-neptune_create_db_cluster", False),
    ("aws-docdb_copy_db_cluster_snapshot", False),
    ("aws-docdb_create_db_cluster", False),
}


@pytest.mark.parametrize("name", SERVICES)
def test_every_request_equals_the_one_that_botocore_makes(name: str) -> None:
    manifest = MANIFESTS[name]
    client = Client(manifest.sources[0].split("/data/")[1].split("/")[0])
    different: dict[str, Any] = {}
    count = 0
    for spec in specs(manifest):
        if client.offers(plan_of(spec).operation):
            for found, expected in _pairs(client, spec):
                count += 1
                if found != expected:
                    different[spec.name] = (found, expected)
    assert count > 0
    assert not different


def _pairs(client: Client, spec: ToolSpec) -> Iterator[tuple[Sent, Sent]]:
    """Ours and botocore's, with the required arguments and with all."""
    operation = operation_of(spec)
    members = _members(spec)
    for lean in (True, False):
        tokens = {name: TOKEN for name, member in members.items() if member.get("idempotencyToken")}
        given = arguments(spec, lean=lean) | tokens
        if (spec.name, lean) in SECOND_SIGNATURE or (spec.service == "aws-kinesis" and _names_account(given, members)):
            continue
        ArgumentsValidator(spec.input_schema, frozenset(members)).parse(json.dumps(given).encode())
        shape: Any = operation.input_shape
        expected = client.send(plan_of(spec).operation, parameters(given, shape) if shape is not None else {})
        request, _ = operation.request(given, REGION, CREDENTIAL, expected.at)
        yield sent(request), expected


def _names_account(given: dict[str, Any], members: dict[str, Any]) -> bool:
    """Kinesis: botocore sends what names a stream by its ARN to the account's own host, ours goes to the region's."""
    return any("contextParam" in members[name] for name in given)


def _members(spec: ToolSpec) -> dict[str, Any]:
    plan = plan_of(spec)
    model = json.loads(zlib.decompress(plan.model))
    entry = model["operations"][plan.operation].get("input")
    return model["shapes"][entry["shape"]].get("members", {}) if entry else {}
