"""The sandbox takes what botocore takes, refuses what it would not say, and answers so that botocore understands."""

import json
from dataclasses import replace
from typing import Any

import pytest

from tests.support.aws import BEARER, CREDENTIAL, MANIFESTS, REGION, arguments, operation_of, specs
from tests.support.folders import downloads, mirror
from trunkline.catalog.sources import Sources
from trunkline.category.request import Request as Built
from trunkline.category.upstream import Answer
from trunkline.contract import AuthKind, Credential, ToolSpec
from trunkline.sandbox.answer import Reply
from trunkline.sandbox.aws.service import AwsService
from trunkline.sandbox.descriptions import Site
from trunkline.sandbox.judge import Judgement
from trunkline.sandbox.request import Request

QUICK = ("aws-sqs", "aws-sts")  # json, query
SERVICES: list[Any] = [
    name if name in QUICK else pytest.param(name, marks=[pytest.mark.slow, pytest.mark.timeout(900)])
    for name in sorted(MANIFESTS)
]
_TWINS = "two operations share a route: the newer one is meant"
EXCUSED = {
    "GetBucketLifecycle": _TWINS,
    "GetBucketNotification": _TWINS,
    "PutBucketLifecycle": _TWINS,
    "PutBucketNotification": _TWINS,
    "UpdateTrustStore": "its body is a union and may be absent, which botocore's parser takes for a broken one",
    "ListResourceScanRelatedResources": "an empty map, which is what is made up, is not written into a form",
    "PublishPackageVersion": "the digest of its body is an argument, which is made up",
}


def judge_of(name: str) -> AwsService:
    sources = Sources(downloads(), mirror())
    return AwsService.load(Site.of(MANIFESTS[name]), [(it, sources.fetch(it)) for it in MANIFESTS[name].sources])


def arrived(built: Built) -> Request:
    query = f"?{built.query}" if built.query else ""
    return Request.of(built.method, f"{built.host}{built.path}{query}", built.headers, built.body or b"")


def answer_of(reply: Reply) -> Answer:
    headers = {name.lower(): text for name, text in reply.headers.items()}
    return Answer(reply.status, reply.headers.get("Content-Type", ""), reply.body, headers=headers)


@pytest.mark.parametrize("name", SERVICES)
def test_every_tool_makes_requests_that_the_model_accepts_and_understands_the_answer(name: str) -> None:
    judge = judge_of(name)
    bearer = MANIFESTS[name].auth[0].kind is AuthKind.BEARER
    credential = BEARER if bearer else CREDENTIAL
    wrong: dict[str, Any] = {}
    for spec in specs(MANIFESTS[name]):
        for lean in (True, False) if spec.operation not in EXCUSED else ():
            problem = _problem(judge, spec, credential, lean=lean)
            if problem is not None:
                wrong[spec.name] = problem
    assert not wrong


def _problem(judge: AwsService, spec: ToolSpec, credential: Credential, *, lean: bool) -> Any:
    operation = operation_of(spec)
    built, context = operation.request(arguments(spec, lean=lean), REGION, credential)
    found = judge.judge(arrived(built))
    if not isinstance(found, Judgement) or found.operation != spec.operation or found.violations:
        return found
    outcome = operation.outcome(answer_of(found.answer()), context)
    return None if outcome.status < 300 and json.dumps(outcome.value) else outcome


@pytest.fixture(scope="module")
def sqs() -> AwsService:
    return judge_of("aws-sqs")


@pytest.fixture(scope="module")
def request_() -> Request:
    (spec,) = [spec for spec in specs(MANIFESTS["aws-sqs"]) if spec.operation == "SendMessage"]
    given: dict[str, Any] = {"QueueUrl": "https://sqs.eu-west-1.amazonaws.com/1/q", "MessageBody": "hello"}
    return arrived(operation_of(spec).request(given, REGION, CREDENTIAL)[0])


def refusal(judge: AwsService, request: Request) -> tuple[str, str]:
    found = judge.judge(request)
    assert isinstance(found, Judgement)
    assert found.violations
    return found.violations[0].rule, found.violations[0].expected


def test_a_good_request_is_answered(sqs: AwsService, request_: Request) -> None:
    found = sqs.judge(request_)
    assert isinstance(found, Judgement)
    assert not found.violations
    assert "MessageId" in json.loads(found.answer().body)


def with_headers(request: Request, **headers: str) -> Request:
    return replace(request, headers={**request.headers, **headers})


def test_a_request_without_a_signature_is_refused(sqs: AwsService, request_: Request) -> None:
    assert refusal(sqs, with_headers(request_, authorization=""))[0] == "credential"


def test_a_signature_for_another_region_is_refused(sqs: AwsService, request_: Request) -> None:
    elsewhere = request_.headers["authorization"].replace("/eu-west-1/", "/us-west-2/")
    assert refusal(sqs, with_headers(request_, authorization=elsewhere)) == (
        "credential",
        "a scope of sqs in eu-west-1",
    )


def test_a_signature_that_leaves_out_a_header_is_refused(sqs: AwsService, request_: Request) -> None:
    assert "x-amz-meta-more" in refusal(sqs, with_headers(request_, **{"x-amz-meta-more": "1"}))[1]


def with_body(request: Request, **change: object) -> Request:
    said = {**json.loads(request.body), **change}
    kept = {name: value for name, value in said.items() if value is not None}
    return replace(request, body=json.dumps(kept).encode())


def test_a_missing_member_is_refused_by_name(sqs: AwsService, request_: Request) -> None:
    assert (
        'Missing required parameter in input: "MessageBody"' in refusal(sqs, with_body(request_, MessageBody=None))[1]
    )


def test_a_member_of_another_type_is_refused(sqs: AwsService, request_: Request) -> None:
    assert "DelaySeconds" in refusal(sqs, with_body(request_, DelaySeconds="soon"))[1]


def test_a_member_that_the_model_does_not_have_is_refused(sqs: AwsService, request_: Request) -> None:
    assert refusal(sqs, with_body(request_, Massage="hello"))[0] == "unknown"


def test_an_operation_that_the_model_does_not_have_is_no_route(sqs: AwsService, request_: Request) -> None:
    other = with_headers(request_, **{"x-amz-target": "AmazonSQS.SendMassage"})
    assert not isinstance(sqs.judge(other), Judgement)
