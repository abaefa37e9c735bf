"""Requests and answers of single operations."""

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.support.aws import CREDENTIAL, KEY, MANIFESTS, REGION, operation_of, specs
from trunkline.category.aws.failure import fault_for
from trunkline.category.aws.operation import Operation, Outcome
from trunkline.category.upstream import Answer
from trunkline.contract import (
    AuthKind,
    AuthScheme,
    Category,
    Credential,
    CredentialRejected,
    InvalidArguments,
    Service,
    UpstreamFailed,
    UpstreamUnavailable,
)

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


@pytest.fixture(scope="module")
def s3() -> dict[str, Operation]:
    return {spec.operation: operation_of(spec) for spec in specs(MANIFESTS["aws-s3"])}


def test_a_bucket_stands_in_the_host_where_its_name_allows(s3: dict[str, Operation]) -> None:
    request, _ = s3["GetObject"].request({"Bucket": "my-bucket", "Key": "a b/c.txt"}, REGION, CREDENTIAL, NOW)
    assert request.url == "https://my-bucket.s3.eu-west-1.amazonaws.com/a%20b/c.txt"


def test_a_bucket_with_a_dot_stands_in_the_path(s3: dict[str, Operation]) -> None:
    request, _ = s3["GetObject"].request({"Bucket": "my.bucket", "Key": "k"}, REGION, CREDENTIAL, NOW)
    assert request.url == "https://s3.eu-west-1.amazonaws.com/my.bucket/k"


@pytest.mark.parametrize("key", ["../other", "a/./b", "a/.."])
def test_an_argument_does_not_climb_out_of_its_path(s3: dict[str, Operation], key: str) -> None:
    with pytest.raises(InvalidArguments, match="part of the path"):
        s3["GetObject"].request({"Bucket": "my.bucket", "Key": key}, REGION, CREDENTIAL, NOW)


def test_an_argument_brings_no_header_of_its_own(s3: dict[str, Operation]) -> None:
    given: dict[str, Any] = {"Bucket": "my-bucket", "Key": "k", "ContentType": "text/plain\r\nX-Amz-Acl: public-read"}
    with pytest.raises(InvalidArguments, match="one line"):
        s3["PutObject"].request(given, REGION, CREDENTIAL, NOW)


def test_a_text_or_bytes_are_the_body(s3: dict[str, Operation]) -> None:
    bodies: list[Any] = ["héllo", {"content_base64": "aMOpbGxv"}]
    for body in bodies:
        request, _ = s3["PutObject"].request({"Bucket": "b-1", "Key": "k", "Body": body}, REGION, CREDENTIAL, NOW)
        assert request.body == "héllo".encode()


def test_what_is_not_base64_is_refused(s3: dict[str, Operation]) -> None:
    with pytest.raises(InvalidArguments, match="content_base64"):
        s3["PutObject"].request({"Bucket": "b-1", "Key": "k", "Body": {"content_base64": "%"}}, REGION, CREDENTIAL)


def test_botocore_says_what_is_wrong_with_an_argument(s3: dict[str, Operation]) -> None:
    with pytest.raises(InvalidArguments, match="Unknown parameter in input"):
        s3["GetObject"].request({"Bucket": "b-1", "Key": "k", "Kay": "k"}, REGION, CREDENTIAL)


def test_a_temporary_key_sends_its_session_token_and_signs_it(s3: dict[str, Operation]) -> None:
    session = Credential(AuthScheme(AuthKind.SIGV4_SESSION), {**KEY, "session_token": "session-token"})
    headers = s3["ListBuckets"].request({}, REGION, session, NOW)[0].headers
    assert headers["X-Amz-Security-Token"] == "session-token"
    assert "x-amz-security-token" in headers["Authorization"]


def test_a_credential_that_is_no_key_is_rejected(s3: dict[str, Operation]) -> None:
    with pytest.raises(CredentialRejected):
        s3["ListBuckets"].request({}, REGION, Credential(AuthScheme(AuthKind.BASIC), {}), NOW)


def outcome(operation: Operation, status: int, body: bytes, **headers: str) -> Outcome:
    _, context = operation.request({"Bucket": "b-1", "Key": "k"}, REGION, CREDENTIAL, NOW)
    return operation.outcome(Answer(status, "", body, headers=headers), context)


def value(operation: Operation, body: bytes, **headers: str) -> Any:
    return outcome(operation, 200, body, **headers).value


def test_a_file_comes_as_text_or_as_base64(s3: dict[str, Operation]) -> None:
    assert value(s3["GetObject"], b"hello")["Body"] == "hello"
    assert value(s3["GetObject"], b"\xff\x00")["Body"] == {"content_base64": "/wA="}


def test_headers_are_part_of_the_answer(s3: dict[str, Operation]) -> None:
    said = value(s3["GetObject"], b"", etag='"1"', **{"last-modified": "Fri, 02 Jan 2026 03:04:05 GMT"})
    assert (said["ETag"], said["LastModified"]) == ('"1"', "2026-01-02T03:04:05+00:00")


def test_an_answer_that_is_no_xml_is_the_services_fault() -> None:
    (identity,) = [spec for spec in specs(MANIFESTS["aws-sts"]) if spec.operation == "GetCallerIdentity"]
    operation = operation_of(identity)
    _, context = operation.request({}, REGION, CREDENTIAL, NOW)
    with pytest.raises(UpstreamFailed, match="cannot be read"):
        operation.outcome(Answer(200, "", b"<html"), context)


def test_an_error_has_the_services_code_and_message(s3: dict[str, Operation]) -> None:
    body = b"<Error><Code>NoSuchKey</Code><Message>The key does not exist.</Message></Error>"
    said = outcome(s3["GetObject"], 404, body)
    assert (said.code, said.message) == ("NoSuchKey", "The key does not exist.")


FAULTS: list[tuple[Outcome, Any, bool]] = [
    (Outcome(400, code="ThrottlingException", message="Rate exceeded"), UpstreamUnavailable, True),
    (Outcome(503, code="SlowDown"), UpstreamUnavailable, True),
    (Outcome(400, code="ExpiredToken"), CredentialRejected, False),
    (Outcome(403, code="SignatureDoesNotMatch"), CredentialRejected, False),
    (Outcome(403, code="AccessDenied"), UpstreamFailed, False),
    (Outcome(404, code="NoSuchBucket"), UpstreamFailed, False),
]


@pytest.mark.parametrize(("found", "kind", "retryable"), FAULTS, ids=lambda it: getattr(it, "code", ""))
def test_a_code_decides_what_to_do_next(found: Outcome, kind: type[Exception], retryable: bool) -> None:
    category: Category = "cloud"
    fault = fault_for(found, Service("aws-s3", "Amazon S3", "", category, "", ()), "", ("secret",))
    assert (type(fault), fault.retryable) == (kind, retryable)
    assert found.code in fault.message


def test_a_fault_shows_no_secret() -> None:
    found = Outcome(403, code="AccessDenied", message="key AKIDEXAMPLE may not")
    fault = fault_for(found, Service("aws-s3", "Amazon S3", "", "cloud", "", ()), "", ("AKIDEXAMPLE",))
    assert "AKIDEXAMPLE" not in fault.message
