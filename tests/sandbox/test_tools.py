"""Every tool of the catalog: a request built by its plan fits the description it was compiled from.

Two independent readings of one description meet here: a mistake of the compiler, of the request builder or of the
sandbox shows as a refused request.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import orjson
import pytest

from tests.sandbox.real import MANIFESTS, descriptions
from trunkline.catalog import Catalog
from trunkline.category.credentials import authorized
from trunkline.category.request import RequestBuilder
from trunkline.category.validate import ArgumentsValidator
from trunkline.contract import Credential, Plan, Service, ToolSpec
from trunkline.sandbox.descriptions import Site
from trunkline.sandbox.dialect import Dialect
from trunkline.sandbox.document import Document
from trunkline.sandbox.generate import Generator
from trunkline.sandbox.judge import Judge
from trunkline.sandbox.library import load
from trunkline.sandbox.request import Request
from trunkline.sandbox.violation import Violation

QUICK = ("notion", "slack")
SERVICES: list[Any] = [
    name if name in QUICK else pytest.param(name, marks=pytest.mark.slow) for name in sorted(MANIFESTS.by_id)
]
# Refused for a good reason: (tool, rule of the first violation).
KNOWN = {
    ("asana_create_attachment_for_object", "required"),  # an upload of nothing
    ("vercel_upload_artifact", "required"),  # Content-Length is set when the request is sent
    ("linode_create_firewalls", "pattern"),  # contradicts itself, as in test_real_descriptions.IMPOSSIBLE
    ("sendgrid_update_marketing_singlesend_schedule", "format"),  # contradicts itself too
    # Figma serves these to a token in X-Figma-Token only, not to the OAuth token that is tried first.
    ("figma_create_developer_log", "credential"),
    ("figma_get_ai_usage_daily", "credential"),
    ("figma_list_payments", "credential"),
}


@pytest.mark.parametrize("name", SERVICES)
async def test_every_tool_makes_requests_that_its_description_accepts(catalog_folder: Path, name: str) -> None:
    catalog = Catalog.open(catalog_folder)
    integration = await catalog.integration(name)
    described = load(Site.of(MANIFESTS.by_id[name]), descriptions().get(name))
    refused: dict[str, Any] = {}
    for tool in integration.names:
        spec = integration.tool(tool)
        assert spec is not None
        for lean in (True, False):
            found = _judged(described, _request(integration.service, spec, lean=lean))
            if found and (tool, found[0].rule) not in KNOWN:
                refused[tool] = found[:2]
    assert not refused


def _request(service: Service, spec: ToolSpec, *, lean: bool) -> Request:
    assert isinstance(spec.plan, Plan)
    document = Document({"openapi": "3.1.0", **orjson.loads(spec.input_schema)})
    arguments = Generator(Dialect(document), skip="readOnly").value(document.root, lean=lean)
    builder = RequestBuilder(service, spec.plan)
    values = ArgumentsValidator(spec.input_schema, builder.arguments).parse(orjson.dumps(arguments))
    variables = {name: it.default or (*it.enum, "acme")[0] for name, it in service.variables.items()}
    built = builder.build(values, variables)
    if service.auth and not spec.anonymous:
        scheme = service.auth[0]
        built = authorized(built, Credential(scheme, dict.fromkeys(scheme.fields, "123:made-up")))
    query = f"?{built.query}" if built.query else ""
    return Request.of(built.method, f"{built.host}{built.path}{query}", built.headers, built.body or b"")


def _judged(described: Judge, request: Request) -> Sequence[Violation]:
    found = described.judge(request)
    return [found] if isinstance(found, Violation) else found.violations
