"""Every tool we ship: what its input schema admits, its own published description accepts.

The judge is the sandbox, which reads the descriptions and never the compiled rows.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from statistics import median

import pytest

from tests.support.catalogs import NAMED, sample
from tests.support.folders import downloads, mirror
from trunkline.catalog.catalog import read_head
from trunkline.catalog.manifests import Manifests
from trunkline.catalog.more import SUFFIX
from trunkline.catalog.more import read as read_more
from trunkline.catalog.rows import Rows
from trunkline.catalog.sources import Sources
from trunkline.catalog.stats import details, summary
from trunkline.category.credentials import authorized
from trunkline.category.request import Request, RequestBuilder
from trunkline.compiler.level import LEVELS
from trunkline.connections.sandbox import fitting
from trunkline.contract import AuthScheme, Credential, Service, ToolSpec
from trunkline.gateway.meta import part
from trunkline.sandbox.descriptions import ManifestDescriptions
from trunkline.sandbox.dialect import Dialect
from trunkline.sandbox.document import Document
from trunkline.sandbox.generate import Generator
from trunkline.sandbox.judge import Judge
from trunkline.sandbox.library import load
from trunkline.sandbox.request import Request as Arrived
from trunkline.sandbox.violation import Violation
from trunkline.selection import tokens

MANIFESTS = Manifests.load().by_id
SERVICES = sorted(sample())
JUDGED = [name for name in SERVICES if MANIFESTS[name].kind != "aws"]  # AWS has its judge in tests/sandbox/aws
_TOKENS = 2_000  # of o200k_base
_STEP = 5  # `make test` looks at every fifth tool, `make verify` at all

# Whose description contradicts itself, or says what no schema can.
UNSATISFIABLE = {
    "google-admin-reports_get_customer_usage_report": "its pattern is longer than an input schema shows",
    "google-admin-reports_get_user_usage_report": "as above",
    "google-compute_get_reservation_sub_block_iam_policy": "its parent is two resources, its pattern admits one",
    "google-compute_set_reservation_sub_block_iam_policy": "as above",
    "google-compute_test_reservation_sub_block_iam_permissions": "as above",
    "sinao_create_app_document_sales_invoice": "the members of two objects stand side by side in the query",
    "sinao_update_app_document_sales_invoice": "as above",
    "sinao_create_app_document_sales_quote": "as above",
    "sinao_update_app_document_sales_quote": "as above",
    "sinao_create_app_document_sales_recurringinvoice": "as above",
    "sinao_update_app_document_sales_recurringinvoice": "as above",
    "sinao_create_app_reconcile": "as above",
    "jira_add_security_level_members": "requires a property that additionalProperties forbids",
    "linode_create_firewalls": "its pattern matches only two letters, its minLength is three",
    "trakt_get_user_rating": "its integer is one of ten texts",
    "sendgrid_update_marketing_singlesend_schedule": "its only enum value is no date-time, its format",
    "here-tracking_get_alias": "the id made up for it is the literal path of another operation",
    "telnyx_list_porting_orders": "deepObject of arrays of arrays",
    "asana_create_attachment_for_object": "a required multipart body without a required part",
    "github_list_checks_for_ref": "its path is also that of another operation whose last hole spans segments",
    "github_list_check_suites_for_ref": "as above",
}


def _described(service: str) -> Judge:
    sources = Sources(downloads(), mirror())
    descriptions = ManifestDescriptions(sources, Manifests.load())
    site = next(site for site in descriptions.sites() if site.service == service)
    return load(site, descriptions.get(service))


def _arrived(request: Request, scheme: AuthScheme | None) -> Arrived:
    """As the service gets it, with a made-up credential if it takes any."""
    sent = request
    if scheme is not None:
        sent = authorized(request, Credential(scheme, dict.fromkeys(scheme.fields, "made-up")))
    body = sent.body or b""
    headers = {**sent.headers, "Content-Length": str(len(body))}  # which HTTP itself sets
    return Arrived.of(sent.method, sent.url.partition("://")[2], headers, body)


def _violations(described: Judge, service: Service, spec: ToolSpec, arguments: dict[str, object]) -> list[Violation]:
    """The fewest, over the ways to authenticate: an operation may take only one of them.

    A description that asks for the credential a second time, in the body, is not followed.
    """
    second = {f"/{name}" for name in MANIFESTS[service.id].credential_parameters}
    assert spec.plan is not None
    variables = {name: fitting(name, variable) for name, variable in service.variables.items()}
    request = RequestBuilder(service, spec.plan).build(arguments, variables)  # pyright: ignore[reportArgumentType] - JSON
    judged: list[list[Violation]] = []
    for scheme in service.auth or (None,):
        arrived = _arrived(request, scheme)
        found = described.judge(arrived)
        if isinstance(found, Violation):
            return [found]
        judged.append([it for it in found.violations if not (it.where == "body" and it.pointer in second)])
    return min(judged, key=len)


def _wrong(folder: Path, name: str, step: int) -> Iterator[str]:
    head = read_head(folder)
    assert head is not None
    service = next(service for service in head.services if service.id == name)
    described, rows = _described(name), Rows(folder / f"{name}.rows")
    generator = Generator(Dialect(Document({"openapi": "3.1.0"})))
    for spec in filter(None, map(rows.read, rows.names[::step])):
        for lean in (True, False) if spec.name not in UNSATISFIABLE else ():
            arguments = generator.value(json.loads(spec.input_schema), lean=lean)
            for violation in _violations(described, service, spec, arguments)[:1]:
                yield f"{spec.name} ({'required' if lean else 'all'} arguments): {violation} {arguments}"


@pytest.mark.parametrize("name", JUDGED)
def test_a_request_the_schema_admits_fits_the_description(catalog_folder: Path, name: str) -> None:
    assert list(_wrong(catalog_folder, name, _STEP)) == []


@pytest.mark.slow
@pytest.mark.parametrize("name", JUDGED)
def test_every_request_the_schema_admits_fits_the_description(catalog_folder: Path, name: str) -> None:
    assert list(_wrong(catalog_folder, name, 1)) == []


def test_schemas_are_compact(catalog_folder: Path) -> None:
    figures = details(catalog_folder)
    assert figures.schema_median < 700
    assert figures.schema_max <= max(level.size for level in LEVELS)


def test_the_sample_holds_all_that_was_chosen(catalog_folder: Path) -> None:
    found = summary(catalog_folder)
    assert found.integrations == len(SERVICES)
    assert found.tools > 8_000


def _specs(folder: Path) -> Iterator[ToolSpec]:
    for path in sorted(folder.glob("*.rows")):
        rows = Rows(path)
        yield from filter(None, map(rows.read, rows.names))


@pytest.mark.slow
def test_no_input_schema_costs_more_than_2_000_tokens_and_half_of_them_less_than_250(catalog_folder: Path) -> None:
    costs = {spec.name: tokens.count(spec.input_schema.decode()) for spec in _specs(catalog_folder)}
    assert {name: cost for name, cost in costs.items() if cost > _TOKENS} == {}
    assert median(costs.values()) < 250


def _parts(folder: Path) -> Iterator[tuple[str, str, str]]:
    """(service, path, its text) of everything that describe_tools shows on demand."""
    for path in sorted(folder.glob(f"*{SUFFIX}")):
        more = read_more(path)
        for tool, arguments in more.tools.items():
            for argument in arguments:
                yield path.stem, f"{tool} {argument}", part.text(argument, arguments, more.parts)
        refs = {name: {"$ref": f"#/$defs/{name}"} for name in more.parts}
        for name in more.parts:
            yield path.stem, name, part.text(name, refs, more.parts)


@pytest.mark.slow
def test_every_part_that_is_left_out_can_be_shown_within_2_000_tokens(catalog_folder: Path) -> None:
    shown = {(service, path): text for service, path, text in _parts(catalog_folder)}
    assert len(shown) > 500
    assert [where for where, text in shown.items() if tokens.count(text) > _TOKENS] == []
    assert [where for where, text in shown.items() if '"$ref"' in text and '"$defs"' not in text] == []


@pytest.mark.slow
def test_what_is_left_out_of_an_input_schema_is_in_the_whole(catalog_folder: Path) -> None:
    for path in sorted(catalog_folder.glob("*.rows")):
        tools = read_more(path.with_suffix(SUFFIX)).tools
        rows = Rows(path)
        for spec in filter(None, map(rows.read, rows.names)):
            assert (spec.name in tools) == (b'"x-more":' in spec.input_schema), spec.name


def test_names_are_legal_and_belong_to_their_service(catalog_folder: Path) -> None:
    for path in catalog_folder.glob("*.rows"):
        for name in Rows(path).names:
            assert len(name) <= 64
            assert name.partition("_")[0] == path.stem
            assert all(letter.isascii() and (letter.isalnum() or letter in "_-") for letter in name)


def test_every_service_of_a_name_has_a_read_that_verifies_a_credential(catalog_folder: Path) -> None:
    head = read_head(catalog_folder)
    assert head is not None
    without = [service.id for service in head.services if service.id in NAMED and not service.verify]
    assert without == ["gmail", "google-sheets", "plaid", "trello", "xero"]  # theirs need an argument


@pytest.mark.slow
def test_the_whole_catalog_is_as_large_as_promised_and_nothing_of_it_is_left_out(whole_catalog_folder: Path) -> None:
    found = summary(whole_catalog_folder)
    assert found.integrations == len(MANIFESTS) >= 700
    assert found.vendors >= 340
    assert found.tools >= 60_000
    assert sum(counted.tools for counted in found.categories.values()) == found.tools
    assert sum(path.stat().st_size for path in whole_catalog_folder.iterdir()) < 150 << 20
