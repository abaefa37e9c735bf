"""Every operation of real descriptions: good requests pass, spoiled ones fail for the right reason, answers fit."""

from typing import Any

import pytest

from tests.sandbox.mutations import mutations
from tests.sandbox.real import MANIFESTS, drafts, is_clear, judged, service
from trunkline.sandbox.answer import Sent

QUICK = ("github", "slack", "stripe", "jira", "notion")
SERVICES: list[Any] = [
    name if name in QUICK else pytest.param(name, marks=pytest.mark.slow) for name in sorted(MANIFESTS.by_id)
]
# Operations that contradict themselves, so that no request is good, by service.
IMPOSSIBLE = {
    "sendgrid": ("PUT /marketing/singlesends/{id}/schedule",),  # `send_at` is the word "now" and a date-time
    "linode": ("POST /networking/firewalls",),  # the pattern of `label` admits two characters, its length three
}


@pytest.mark.parametrize("name", SERVICES)
def test_good_requests_pass(name: str) -> None:
    refused: dict[str, Any] = {}
    checked = 0
    for made, base in drafts(service(name)):
        if not is_clear(service(name), made, base) or made.operation.name in IMPOSSIBLE.get(name, ()):
            continue
        checked += 1
        if found := judged(service(name), made, base):
            refused[made.operation.name] = found
    assert not refused
    assert checked


@pytest.mark.parametrize("name", SERVICES)
def test_spoiled_requests_fail_for_the_right_reason(name: str) -> None:
    missed: list[Any] = []
    checked = 0
    for made, base in drafts(service(name)):
        if not is_clear(service(name), made, base):
            continue
        for it in mutations(made):
            checked += 1
            found = judged(service(name), it.draft, base)
            if not any(v.where == it.where and v.pointer == it.pointer and v.rule in it.rules for v in found):
                missed.append((made.operation.name, it.kind, it.where, it.pointer, found))
    assert not missed[:5]
    assert checked


@pytest.mark.parametrize("name", SERVICES)
def test_answers_fit_their_schemas(name: str) -> None:
    unfit: dict[str, Any] = {}
    for operation in service(name).operations():
        operation.answer(Sent())
        answerer = operation.answerer
        if answerer.is_json:
            violations = operation.dialects.answers.violations(answerer.value, answerer.schema, "body")
            if violations:
                unfit[operation.name] = violations[:3]
    assert not unfit


@pytest.mark.parametrize("name", SERVICES)
def test_a_wrong_path_is_no_operation(name: str) -> None:
    for made, base in drafts(service(name)):
        request = made.request(base)
        found = service(name).find(request.method, request.host, request.path + "/zz-nowhere/zz-at-all/zz")
        assert made.operation not in getattr(found, "operations", ()) or "x-multi-segment" in str(
            made.operation.raw.parameters
        )


@pytest.mark.parametrize("name", SERVICES)
def test_a_wrong_method_is_no_operation(name: str) -> None:
    for made, base in drafts(service(name)):
        request = made.with_(method="LINK").request(base)
        found = service(name).find(request.method, request.host, request.path)
        assert getattr(found, "rule", "") == "method"
