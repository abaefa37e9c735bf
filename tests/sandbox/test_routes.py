"""Host and path lead to the most specific template; servers and manifests say where templates begin."""

from typing import Any

import pytest

from tests.sandbox import small
from tests.sandbox.small import HOST, description, judge, operation, path, places
from trunkline.contract import Variable
from trunkline.sandbox.descriptions import Site
from trunkline.sandbox.routes import Routes
from trunkline.sandbox.service import Match, Service

TEMPLATES = (
    "/users/{id}",
    "/users/me",
    "/users/{id}/posts",
    "/files/{path}",
    "/files/{path}/meta",
    "/v1/{name}:publish",
    "/v1/{name}",
    "/compare/{base}...{head}",
    "/a b",
    "/",
)


@pytest.mark.parametrize(
    ("asked", "template", "values"),
    [
        ("/users/me", "/users/me", ()),
        ("/users/you", "/users/{id}", ("you",)),
        ("/users/a%2Fb", "/users/{id}", ("a/b",)),
        ("/users/me/posts", "/users/{id}/posts", ("me",)),
        ("/files/a/b.txt", "/files/{path}", ("a/b.txt",)),
        ("/files/a/meta", "/files/{path}/meta", ("a",)),
        ("/files/a/b/meta", "/files/{path}/meta", ("a/b",)),
        ("/v1/x:publish", "/v1/{name}:publish", ("x",)),
        ("/v1/x", "/v1/{name}", ("x",)),
        ("/compare/main...dev", "/compare/{base}...{head}", ("main", "dev")),
        ("/a%20b", "/a b", ()),
        ("/", "/", ()),
    ],
)
def test_the_most_specific_template_wins(asked: str, template: str, values: tuple[str, ...]) -> None:
    routes: Routes[str] = Routes()
    for it in TEMPLATES:
        routes.add(it, it, many=frozenset(("path",)))
    assert next(routes.find(asked)) == ([template], values)


@pytest.mark.parametrize("asked", ["/users", "/users/", "/users/1/2", "/nothing", "/users/me/", "//users/me"])
def test_other_paths_lead_nowhere(asked: str) -> None:
    routes: Routes[str] = Routes()
    for it in TEMPLATES:
        routes.add(it, it)
    assert list(routes.find(asked)) == []


def service(servers: list[dict[str, Any]], **site: Any) -> Service:
    root = description({"/x": {"get": operation()}}) | {"servers": servers}
    arguments: dict[str, Any] = {"hosts": (HOST,), **site}
    return Service(Site("small", **arguments), [root])


def is_at(of: Service, host: str, path: str) -> bool:
    return isinstance(of.find("GET", host, path), Match)


@pytest.mark.parametrize(
    ("servers", "site", "host", "path"),
    [
        ([{"url": f"https://{HOST}/v1/"}], {}, HOST, "/v1/x"),
        ([{"url": "/v2"}], {}, HOST, "/v2/x"),
        ([{"url": "/"}], {"base_url": f"https://{HOST}/api"}, HOST, "/api/x"),
        ([{"url": "https://wrong.example.net/v9"}], {"base_url": f"https://{HOST}/v1"}, HOST, "/v1/x"),
        ([{"url": f"https://{HOST}/old"}], {"base_url": f"https://{HOST}/new"}, HOST, "/new/x"),
        (
            [{"url": "https://{shop}.example.com/admin"}],
            {"hosts": ("{shop}.example.com",), "variables": {"shop": Variable("[a-z]+")}},
            "acme.example.com",
            "/admin/x",
        ),
        (
            [{"url": f"https://{HOST}/{{version}}", "variables": {"version": {"default": "api/v4"}}}],
            {},
            HOST,
            "/api/v4/x",
        ),
        ([{"url": f"https://{HOST}/bot{{token}}"}], {}, HOST, "/bot123:abc/x"),
    ],
)
def test_an_operation_is_where_its_server_is(
    servers: list[dict[str, Any]], site: dict[str, Any], host: str, path: str
) -> None:
    of = service(servers, **site)
    assert is_at(of, host, path)
    assert not is_at(of, host, "/elsewhere" + path)
    assert not is_at(of, "other.example.org", path)


def test_an_operation_with_a_server_of_its_own_is_only_there() -> None:
    upload = operation() | {"servers": [{"url": "https://uploads.example.com"}]}
    of = Service(
        Site("small", (HOST, "uploads.example.com")), [description({"/x": {"get": operation()}, "/y": {"get": upload}})]
    )
    assert is_at(of, "uploads.example.com", "/y")
    assert not is_at(of, HOST, "/v1/y")
    assert not is_at(of, "uploads.example.com", "/v1/x")


def test_a_wrong_method_and_a_wrong_path_are_told_apart() -> None:
    of = Service(Site("small", (HOST,)), [description({"/x/{p}": {"get": operation(parameters=[path("p", {})])}})])
    assert getattr(of.find("DELETE", HOST, "/v1/x/1"), "rule", "") == "method"
    assert getattr(of.find("GET", HOST, "/v1/y"), "rule", "") == "route"
    assert isinstance(of.find("HEAD", HOST, "/v1/x/1"), Match)


def test_templates_that_differ_by_query_or_fragment_share_a_path() -> None:
    """Box writes `/files/{id}#copy`, others `/orders?action=cancel`: the request decides which is meant."""
    of = Service(
        Site("small", (HOST,)),
        [
            description(
                {"/o?action=a": {"get": operation()}, "/o?action=b": {"get": operation()}, "/o#c": {"get": operation()}}
            )
        ],
    )
    found = of.find("GET", HOST, "/v1/o")
    assert isinstance(found, Match)
    assert len(found.operations) == 3


def test_a_hole_in_a_query_that_is_written_into_a_path_is_asked_for_in_the_query() -> None:
    place = path("place", {"type": "string", "minLength": 3})
    of = small.service({"/weather?city={place}": {"get": operation(parameters=[place])}})
    assert judge(of, "GET", "/weather?city=Rome") == []
    assert places(judge(of, "GET", "/weather?city=x")) == [("query", "/city", "minLength")]
    assert places(judge(of, "GET", "/weather")) == [("query", "/city", "required")]


def test_a_hole_of_a_written_query_that_nobody_describes_may_be_anything_or_left_out() -> None:
    of = small.service({"/uploads?convert={convert}&{kind}=1": {"get": operation(parameters=[path("kind", {})])}})
    assert judge(of, "GET", "/uploads?convert=a&kind=2") == []
    assert judge(of, "GET", "/uploads?kind=2") == []
    assert places(judge(of, "GET", "/uploads")) == [("query", "/kind", "required")]


def test_an_operation_with_a_server_of_its_own_is_served_there_only() -> None:
    op = operation() | {"servers": [{"url": ""}]}
    root = description({"/x": {"get": op}}) | {"servers": [{"url": "/v1"}]}
    of = Service(Site("small", hosts=(HOST,), base_url=f"https://{HOST}/v1"), [root])
    assert is_at(of, HOST, "/x")
    assert not is_at(of, HOST, "/v1/x")
