"""Every operation of real descriptions: good requests pass, spoiled ones fail for the right reason, answers fit."""

from typing import Any

import pytest

from tests.sandbox.mutations import mutations
from tests.sandbox.real import MANIFESTS, Real
from trunkline.sandbox.answer import Sent

QUICK = ("notion", "slack", "stripe")  # a form, a deep form and a JSON service; the others take longer
SERVICES: list[Any] = [
    pytest.param(
        name, marks=[pytest.mark.xdist_group(f"sandbox-{name}"), *(() if name in QUICK else (pytest.mark.slow,))]
    )
    for name, manifest in sorted(MANIFESTS.by_id.items())
    if manifest.kind == "openapi"
]
# Operations that contradict themselves, so that no request is good, by service.
IMPOSSIBLE = {
    "sendgrid": ("PUT /marketing/singlesends/{id}/schedule",),  # `send_at` is the word "now" and a date-time
    "linode": ("POST /networking/firewalls",),  # the pattern of `label` admits two characters, its length three
}


@pytest.fixture(scope="module", params=SERVICES)
def real(request: pytest.FixtureRequest) -> Real:
    return Real.of(request.param)


def test_good_requests_pass(real: Real) -> None:
    impossible = IMPOSSIBLE.get(real.name, ())
    good = [(made, base) for made, base in real.expressible() if made.operation.name not in impossible]
    refused = {made.operation.name: found for made, base in good if (found := real.judged(made, base))}
    assert not refused
    assert good


def test_each_request_leads_to_its_operation(real: Real) -> None:
    lost = [made.operation.name for made, base in real.expressible() if made.operation not in real.found(made, base)]
    assert not lost


def test_spoiled_requests_fail_for_the_right_reason(real: Real) -> None:
    missed: list[Any] = []
    checked = 0
    for made, base in real.clear():
        for it in mutations(made):
            checked += 1
            found = real.judged(it.draft, base)
            if not any(v.where == it.where and v.pointer == it.pointer and v.rule in it.rules for v in found):
                missed.append((made.operation.name, it.kind, it.where, it.pointer, found))
    assert not missed[:5]
    assert checked


def test_answers_fit_their_schemas(real: Real) -> None:
    unfit: dict[str, Any] = {}
    for operation in real.service.operations():
        operation.answer(Sent())
        answerer = operation.answerer
        if answerer.is_json:
            violations = operation.dialects.answers.violations(answerer.value, answerer.schema, "body")
            if violations:
                unfit[operation.name] = violations[:3]
    assert not unfit


def test_a_wrong_path_is_no_operation(real: Real) -> None:
    for made, base in real.drafts:
        request = made.request(base)
        found = real.service.find(request.method, request.host, request.path + "/zz-nowhere/zz-at-all/zz")
        spans_segments = "x-multi-segment" in str(made.operation.raw.parameters)
        assert made.operation not in getattr(found, "operations", ()) or spans_segments


def test_a_wrong_method_is_no_operation(real: Real) -> None:
    for made, base in real.drafts:
        request = made.with_(method="LINK").request(base)
        found = real.service.find(request.method, request.host, request.path)
        assert getattr(found, "rule", "") == "method"
