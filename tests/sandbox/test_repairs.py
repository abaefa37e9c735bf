"""Descriptions that ask for the credential a second time are not taken at their word there."""

from tests.sandbox.small import BEARER, HOST, body, description, operation, places, query
from trunkline.contract import AuthKind, AuthScheme
from trunkline.sandbox.descriptions import Site
from trunkline.sandbox.request import Request
from trunkline.sandbox.service import Match, Service

SECRET = {"type": "object", "required": ["token", "text"], "properties": {"token": {}, "text": {"type": "string"}}}
ROOT = description(
    {
        "/inline": {
            "post": operation(
                parameters=[query("token", {"type": "string"}, required=True)],
                requestBody=body("application/json", SECRET),
            )
        },
        "/shared": {
            "post": operation(requestBody=body("application/json", {"$ref": "#/components/schemas/Message"})),
        },
    },
    components={"schemas": {"Message": SECRET}},
)


def refused(site: Site, path: str) -> list[tuple[str, str, str]]:
    of = Service(site, [ROOT])
    request = Request.of("POST", f"{HOST}/v1{path}", {**BEARER, "Content-Type": "application/json"}, b"{}")
    found = of.find("POST", HOST, f"/v1{path}")
    assert isinstance(found, Match)
    return places(found.operations[0].check(request, found.path_values).violations)


def test_what_the_manifest_calls_a_credential_is_not_asked_for_again() -> None:
    site = Site("small", (HOST,), auth=(AuthScheme(AuthKind.BEARER),), credential_parameters=("token",))
    assert refused(site, "/inline") == [("body", "/text", "required")]
    assert refused(site, "/shared") == [("body", "/text", "required")]


def test_without_that_the_description_is_taken_at_its_word() -> None:
    site = Site("small", (HOST,), auth=(AuthScheme(AuthKind.BEARER),))
    assert refused(site, "/inline") == [
        ("query", "/token", "required"),
        ("body", "/token", "required"),
        ("body", "/text", "required"),
    ]
