"""A service's error, in its own words, few of them."""

import json
from typing import Any

import pytest

from tests.category.house import ACME
from trunkline.category.failure import MAX_MESSAGE, fault_for, message_of
from trunkline.category.upstream import Answer
from trunkline.contract import CredentialRejected, Fault, InvalidArguments, UpstreamFailed, UpstreamUnavailable


def answer(status: int, body: object = b"", **more: Any) -> Answer:
    return Answer(status, "application/json", body if isinstance(body, bytes) else json.dumps(body).encode(), **more)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"message": "Not Found", "documentation_url": "https://x"}, "Not Found"),
        (
            {"message": "Validation Failed", "errors": [{"resource": "Issue", "field": "title", "code": "missing"}]},
            "Validation Failed; title: missing",
        ),
        (
            {"error": {"message": "No such customer", "code": "resource_missing", "type": "x"}},
            "No such customer",
        ),
        (
            {"errorMessages": ["Issue does not exist"], "errors": {"summary": "is required"}},
            "Issue does not exist; summary: is required",
        ),
        ({"error": "invalid_grant", "error_description": "Token expired"}, "Token expired"),
        ({"errors": [{"detail": "a"}, {"detail": "b"}]}, "a; b"),
        ({"detail": [{"loc": ["body", "x"], "msg": "field required"}]}, "body.x: field required"),
        (
            {"error": "does not fit", "violations": [{"where": "body", "pointer": "/a", "rule": "required"}]},
            "does not fit; where: body, pointer: /a, rule: required",
        ),
        (["first", "second"], "first; second"),
        ({"weird": {"thing": 1}}, '{"weird": {"thing": 1}}'),
        (
            b"<html><head><style>p{}</style></head><body><h1>Bad  Gateway</h1>\n<p>try later</p></body>",
            "Bad Gateway try later",
        ),
        (b"", ""),
        (b"\xff\x00\x1b[31mred", "\ufffd[31mred"),
    ],
)
def test_the_explanation_is_found_where_services_put_it(body: object, message: str) -> None:
    assert message_of(answer(400, body)) == message


@pytest.mark.parametrize("body", [{"message": "x" * 100_000}, ["y" * 300] * 50, b"z" * 1_000_000, b"[" * 100_000])
def test_a_long_explanation_is_cut(body: object) -> None:
    assert len(message_of(answer(400, body))) <= MAX_MESSAGE


@pytest.mark.parametrize(
    ("status", "kind", "retryable"),
    [
        (400, UpstreamFailed, False),
        (401, CredentialRejected, False),
        (403, UpstreamFailed, False),
        (404, UpstreamFailed, False),
        (429, UpstreamUnavailable, True),
        (500, UpstreamUnavailable, True),
        (501, UpstreamFailed, False),
        (503, UpstreamUnavailable, True),
    ],
)
def test_a_status_becomes_the_fault_that_says_what_to_do(status: int, kind: type[Fault], retryable: bool) -> None:
    fault = fault_for(answer(status, {"message": "no"}), ACME, ())
    assert type(fault) is kind
    assert fault.retryable is retryable
    assert fault.message == f"Acme answered {status}: no"


def test_the_wait_a_service_asks_for_is_passed_on() -> None:
    assert "30 seconds" in fault_for(answer(429, headers={"Retry-After": "30"}), ACME, ()).hint


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"title": "Out of credit", "detail": "Your balance is 30.", "status": 403}, "Your balance is 30."),
        (
            {"errors": [{"title": "Invalid", "detail": "must not be empty", "source": {"pointer": "/data/name"}}]},
            "/data/name: must not be empty",
        ),
        ({"__type": "ResourceNotFoundException", "Message": "No such table"}, "No such table"),
        (
            b"<?xml version='1.0'?><Error><Code>NoSuchKey</Code><Message>No key &lt;x&gt;</Message></Error>",
            "No key <x>; NoSuchKey",
        ),
        (b"<html><head><title>Bad gateway</title><style>x{}</style></head><body>Try later", "Bad gateway Try later"),
    ],
    ids=["RFC 9457", "JSON:API", "AWS JSON", "AWS XML", "HTML"],
)
def test_the_service_s_own_words_are_found_in_every_common_form(body: object, message: str) -> None:
    assert message_of(answer(400, body)) == message


def test_arguments_that_the_service_refuses_are_invalid_arguments_with_the_field() -> None:
    said = {"message": "Validation Failed", "errors": [{"field": "title", "code": "missing"}]}
    fault = fault_for(answer(422, said), ACME, ())
    assert isinstance(fault, InvalidArguments)
    assert "title: missing" in fault.message


@pytest.mark.parametrize(
    ("headers", "hint"),
    [
        ({"WWW-Authenticate": 'Bearer error="insufficient_scope", scope="files.read mail"'}, "scope files.read mail."),
        ({"X-OAuth-Scopes": "gist", "X-Accepted-OAuth-Scopes": "admin:org, repo"}, "admin:org or repo. It has gist."),
        ({"X-OAuth-Scopes": "repo, gist", "X-Accepted-OAuth-Scopes": "repo"}, "may not do this"),
        ({}, "may not do this"),
    ],
)
def test_a_missing_scope_is_named_where_the_service_names_it(headers: dict[str, str], hint: str) -> None:
    assert hint in fault_for(answer(403, {"message": "no"}, headers=headers), ACME, ()).hint


def test_a_quota_that_is_used_up_is_no_lack_of_rights() -> None:
    headers = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "40"}
    fault = fault_for(answer(403, {"message": "API rate limit exceeded"}, headers=headers), ACME, ())
    assert isinstance(fault, UpstreamUnavailable)
    assert "40 seconds" in fault.hint


def test_a_secret_echoed_in_an_error_is_redacted() -> None:
    fault = fault_for(answer(400, {"message": "bad token canary-1"}), ACME, ("canary-1",))
    assert fault.message == "Acme answered 400: bad token [redacted]"
