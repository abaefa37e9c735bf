"""A credential of the declared kind must be in its declared place."""

from typing import Any

import pytest

from tests.sandbox.small import HOST, description, operation, places
from trunkline.contract import AuthKind, AuthScheme, KeyPlace
from trunkline.sandbox.descriptions import Site
from trunkline.sandbox.request import Request
from trunkline.sandbox.service import Match, Service

SCHEMES: dict[str, Any] = {
    "bearer": {"type": "http", "scheme": "bearer"},
    "basic": {"type": "http", "scheme": "basic"},
    "oauth": {"type": "oauth2", "flows": {}},
    "header": {"type": "apiKey", "in": "header", "name": "X-Api-Key"},
    "query": {"type": "apiKey", "in": "query", "name": "key"},
    "cookie": {"type": "apiKey", "in": "cookie", "name": "session"},
}
PAIR = "Basic dXNlcjpwYXNz"


def refused(
    security: Any, headers: dict[str, str], query: str = "", manifest: tuple[AuthScheme, ...] = ()
) -> list[tuple[str, str, str]]:
    own = {} if security is None else {"security": security}
    root = description({"/x": {"get": operation(**own)}}, components={"securitySchemes": SCHEMES})
    of = Service(Site("small", (HOST,), auth=manifest), [root])
    request = Request.of("GET", f"{HOST}/v1/x{query}", headers)
    found = of.find("GET", HOST, "/v1/x")
    assert isinstance(found, Match)
    return places(found.operations[0].check(request, found.path_values).violations)


PASSING: list[Any] = [
    ([{"bearer": []}], {"Authorization": "Bearer t"}, ""),
    ([{"oauth": ["scope"]}], {"Authorization": "bearer t"}, ""),
    ([{"basic": []}], {"Authorization": PAIR}, ""),
    ([{"header": []}], {"X-Api-Key": "k"}, ""),
    ([{"query": []}], {}, "?key=k"),
    ([{"cookie": []}], {"Cookie": "session=s"}, ""),
    ([{"basic": []}, {"bearer": []}], {"Authorization": "Bearer t"}, ""),
    ([{"header": [], "query": []}], {"X-Api-Key": "k"}, "?key=k"),
    ([{"bearer": []}, {}], {}, ""),
    ([], {}, ""),
    (None, {}, ""),
]


@pytest.mark.parametrize(("security", "headers", "query"), PASSING)
def test_a_credential_in_its_place_passes(security: Any, headers: dict[str, str], query: str) -> None:
    assert refused(security, headers, query) == []


FAILING: list[Any] = [
    ([{"bearer": []}], {}, "", [("header", "/Authorization", "credential")]),
    ([{"bearer": []}], {"Authorization": "Bearer "}, "", [("header", "/Authorization", "credential")]),
    ([{"bearer": []}], {"Authorization": PAIR}, "", [("header", "/Authorization", "credential")]),
    ([{"basic": []}], {"Authorization": "Basic !"}, "", [("header", "/Authorization", "credential")]),
    ([{"header": []}], {"Authorization": "Bearer t"}, "", [("header", "/X-Api-Key", "credential")]),
    (
        [{"header": []}],
        {},
        "?X-Api-Key=k",
        [("header", "/X-Api-Key", "credential"), ("query", "/X-Api-Key", "unknown")],
    ),
    ([{"query": []}], {"key": "k"}, "", [("query", "/key", "credential")]),
    ([{"header": [], "query": []}], {"X-Api-Key": "k"}, "", [("query", "/key", "credential")]),
]


@pytest.mark.parametrize(("security", "headers", "query", "violations"), FAILING)
def test_a_missing_or_misplaced_credential_is_named(
    security: Any, headers: dict[str, str], query: str, violations: list[tuple[str, str, str]]
) -> None:
    assert refused(security, headers, query) == violations


def test_the_manifest_says_what_the_description_does_not() -> None:
    trello = AuthScheme(AuthKind.API_KEY, keys=(KeyPlace("key", "query", "k"), KeyPlace("token", "query", "t")))
    assert refused(None, {}, "?k=1&t=2", (trello,)) == []
    assert refused(None, {}, "?k=1", (trello,)) == [("query", "/t", "credential")]
    assert refused([{"undefined": []}], {}, "", (AuthScheme(AuthKind.BASIC),)) == [
        ("header", "/Authorization", "credential")
    ]
    assert refused([{"bearer": []}], {"Authorization": PAIR}, "", (AuthScheme(AuthKind.BASIC),)) != []
