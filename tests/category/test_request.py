"""Arguments to requests: the right one for good arguments, and for bad ones none at all."""

import base64
import json
from email import message_from_bytes
from email.message import Message
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from trunkline.category.request import Request, RequestBuilder
from trunkline.contract import (
    AuthKind,
    AuthScheme,
    Body,
    BodyField,
    InvalidArguments,
    InvalidManifest,
    Parameter,
    Plan,
    Service,
    Variable,
)

SERVICE = Service(
    "acme", "Acme", "", "code", "https://api.acme.example/v1", ("api.acme.example",), headers={"X-Acme-Version": "3"}
)
SHOP = Service(
    "shop",
    "Shop",
    "",
    "payment",
    "https://{shop}.shop.example/api/{zone}",
    ("{shop}.shop.example",),
    variables={"shop": Variable("[a-z0-9-]+"), "zone": Variable(default="eu", enum=("eu", "us"))},
)
ISSUE = Plan(
    "GET",
    "/repos/{owner}/{repo}/issues",
    (
        Parameter("owner", "owner", "path"),
        Parameter("repo", "repo", "path"),
        Parameter("labels", "labels", "query", explode=False),
        Parameter("if_match", "If-Match", "header"),
        Parameter("theme", "theme", "cookie"),
    ),
)
texts = st.text(st.characters(codec="utf-8"), max_size=30)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=8,
)


def build(plan: Plan, arguments: dict[str, Any], service: Service = SERVICE, **variables: str) -> Request:
    return RequestBuilder(service, plan).build(arguments, variables)


def posted(body: Body, arguments: dict[str, Any]) -> Request:
    return build(Plan("POST", "/x", body=body), arguments)


def form(*fields: BodyField) -> Body:
    return Body("application/x-www-form-urlencoded", fields)


def leaves(message: Message) -> list[Message]:
    return [part for part in message.walk() if not part.is_multipart()]


def test_every_argument_goes_to_its_place() -> None:
    request = build(ISSUE, {"owner": "octo", "repo": "a b", "labels": ["x", "y"], "if_match": '"e"', "theme": "dark"})
    assert request.url == "https://api.acme.example/v1/repos/octo/a%20b/issues?labels=x,y"
    assert request.headers == {
        "Accept": "application/json",
        "X-Acme-Version": "3",
        "If-Match": '"e"',
        "Cookie": "theme=dark",
    }
    assert request.body is None


def test_arguments_left_out_or_null_leave_nothing_behind() -> None:
    request = build(ISSUE, {"owner": "o", "repo": "r", "labels": None, "if_match": None})
    assert request.query == ""
    assert request.headers.keys() == {"Accept", "X-Acme-Version"}


def test_a_missing_path_argument_is_refused() -> None:
    with pytest.raises(InvalidArguments, match="`repo`"):
        build(ISSUE, {"owner": "o"})


@settings(suppress_health_check=[HealthCheck.too_slow])  # of a busy machine
@given(owner=values, repo=values, labels=values, header=values, cookie=values)
def test_whatever_the_arguments_the_request_stays_below_its_path_or_is_refused(
    owner: Any, repo: Any, labels: Any, header: Any, cookie: Any
) -> None:
    arguments = {"owner": owner, "repo": repo, "labels": labels, "if_match": header, "theme": cookie}
    try:
        request = build(ISSUE, arguments)
    except InvalidArguments:
        return
    parts = urlsplit(request.url)
    assert (parts.scheme, parts.netloc, parts.fragment) == ("https", "api.acme.example", "")
    version, repos, owner_segment, repo_segment, issues = parts.path.removeprefix("/").split("/")
    assert (version, repos, issues) == ("v1", "repos", "issues")
    for segment in (owner_segment, repo_segment):
        assert segment
        assert unquote(segment) not in {".", ".."}
    assert {name for name, _ in parse_qsl(parts.query, keep_blank_values=True)} <= {"labels"}
    assert all("\r" not in text and "\n" not in text for text in request.headers.values())
    assert request.url.isascii()


@given(texts)
def test_a_text_argument_arrives_as_it_was(value: str) -> None:
    plan = Plan("GET", "/{id}", (Parameter("id", "id", "path"), Parameter("q", "q", "query")))
    try:
        request = build(plan, {"id": value, "q": value})
    except InvalidArguments:
        return
    assert unquote(request.path.removeprefix("/v1/")) == value
    assert parse_qsl(request.query, keep_blank_values=True) == [("q", value)]


@given(st.dictionaries(texts.filter(bool), values, max_size=5))
def test_a_json_body_arrives_as_it_was(fields: dict[str, Any]) -> None:
    body = Body("application/json", tuple(BodyField(f"a{i}", name) for i, name in enumerate(fields)))
    arguments = {f"a{i}": value for i, value in enumerate(fields.values())}
    request = posted(body, arguments)
    if not fields:
        assert request.body is None
        return
    assert request.body is not None
    assert json.loads(request.body) == fields
    assert request.headers["Content-Type"] == "application/json"


def test_a_null_in_a_json_body_is_sent_because_it_means_something() -> None:
    body = Body("application/json", (BodyField("a", "a"), BodyField("b", "b")))
    assert posted(body, {"a": None}).body == b'{"a":null}'


def test_constants_are_filled_in() -> None:
    body = Body("application/json", (BodyField("a", "a"),), constants={"type": b'"issue"'})
    assert json.loads(posted(body, {"a": 1}).body or b"") == {"type": "issue", "a": 1}
    assert json.loads(posted(body, {}).body or b"") == {"type": "issue"}


def test_a_required_json_body_without_fields_is_an_empty_object() -> None:
    assert posted(Body("application/json", required=True), {}).body == b"{}"
    assert posted(Body("application/json"), {}).body is None


def test_one_argument_may_be_the_whole_body() -> None:
    assert posted(Body("application/json", whole="body"), {"body": [1, "a"]}).body == b'[1,"a"]'
    assert posted(Body("text/plain", whole="body"), {"body": "hi \u00fc"}).body == "hi \u00fc".encode()
    encoded = base64.b64encode(b"\x00\xff").decode()
    assert posted(Body("image/png", whole="file"), {"file": {"content_base64": encoded}}).body == b"\x00\xff"


@pytest.mark.parametrize("value", [{"content_base64": "not base64!"}, {"filename": "x"}, {"content_base64": 3}])
def test_a_file_that_is_none_is_refused(value: Any) -> None:
    with pytest.raises(InvalidArguments, match="`file"):
        posted(Body("image/png", whole="file"), {"file": value})


def test_a_form_nests_as_stripe_reads_it() -> None:
    body = form(
        BodyField("metadata", "metadata", "deepObject", True),
        BodyField("items", "items", "deepObject", True),
        BodyField("amount", "amount"),
        BodyField("note", "note"),
    )
    arguments = {"metadata": {"a": "1 2"}, "items": [{"price": "p", "n": 2}], "amount": 5, "note": "a+b&c"}
    request = posted(body, arguments)
    assert request.headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert parse_qsl((request.body or b"").decode()) == [
        ("metadata[a]", "1 2"),
        ("items[0][price]", "p"),
        ("items[0][n]", "2"),
        ("amount", "5"),
        ("note", "a+b&c"),
    ]


def test_a_form_without_styles_repeats_arrays_and_writes_objects_as_json() -> None:
    body = form(BodyField("tags", "tags"), BodyField("blocks", "blocks"), BodyField("csv", "csv", "form", False))
    request = posted(body, {"tags": ["a", "b"], "blocks": {"x": [1]}, "csv": ["a", "b"]})
    assert parse_qsl((request.body or b"").decode()) == [
        ("tags", "a"), ("tags", "b"), ("blocks", '{"x":[1]}'), ("csv", "a,b"),
    ]  # fmt: skip


def test_multipart_has_a_part_for_each_value_and_files_with_names() -> None:
    body = Body(
        "multipart/form-data",
        (BodyField("file", "file", binary=True), BodyField("tags", "tags"), BodyField("meta", "meta")),
    )
    content = base64.b64encode(b"\x89PNG\r\n--x").decode()
    request = posted(
        body, {"file": {"filename": 'a"\r\nb.png', "content_base64": content}, "tags": ["a", 2], "meta": {"k": "v"}}
    )
    kind = request.headers["Content-Type"]
    parsed = message_from_bytes(f"Content-Type: {kind}\r\n\r\n".encode() + (request.body or b""))
    parts = [
        (part.get_param("name", header="content-disposition"), part.get_payload(decode=True)) for part in leaves(parsed)
    ]
    assert parts == [("file", b"\x89PNG\r\n--x"), ("tags", b"a"), ("tags", b"2"), ("meta", b'{"k":"v"}')]
    assert b'filename="a%22%0D%0Ab.png"' in (request.body or b"")


def test_parts_that_nothing_describes_may_be_texts_and_files() -> None:
    content = base64.b64encode(b"\x89PNG").decode()
    request = posted(
        Body("multipart/form-data", whole="body"),
        {"body": {"name": "a", "file": {"filename": "b.png", "content_base64": content}}},
    )
    head = f"Content-Type: {request.headers['Content-Type']}\r\n\r\n".encode()
    parts = leaves(message_from_bytes(head + (request.body or b"")))
    assert [(part.get_filename(), part.get_payload(decode=True)) for part in parts] == [
        (None, b"a"),
        ("b.png", b"\x89PNG"),
    ]


def test_objects_in_a_list_are_one_json_part_of_multipart() -> None:
    body = Body("multipart/form-data", (BodyField("spans", "spans"),))
    request = posted(body, {"spans": [{"from": 1}, {"from": 2}]})
    parsed = message_from_bytes(
        f"Content-Type: {request.headers['Content-Type']}\r\n\r\n".encode() + (request.body or b"")
    )
    (part,) = leaves(parsed)
    assert (part.get_content_type(), part.get_payload(decode=True)) == ("application/json", b'[{"from":1},{"from":2}]')


def test_a_path_may_carry_a_constant_query_and_loses_its_fragment() -> None:
    plan = Plan("GET", "/x?action=list#frag", (Parameter("q", "q", "query"),))
    assert build(plan, {"q": "1"}).url == "https://api.acme.example/v1/x?action=list&q=1"


def test_tenant_variables_are_filled_and_must_fit() -> None:
    assert build(Plan("GET", "/x"), {}, SHOP, shop="my-shop", zone="us").url == "https://my-shop.shop.example/api/us/x"
    assert build(Plan("GET", "/x"), {}, SHOP, shop="a").url == "https://a.shop.example/api/eu/x"


@pytest.mark.parametrize("shop", ["", "evil.example/", "a@b", "a.b", "A", "a\n", "..", "a#", "a?", "x" * 10 + "%00"])
def test_a_tenant_value_that_does_not_fit_is_refused(shop: str) -> None:
    with pytest.raises(InvalidManifest):
        build(Plan("GET", "/x"), {}, SHOP, shop=shop)


XERO = Service(
    "books",
    "Books",
    "",
    "payment",
    "https://api.books.example",
    ("api.books.example",),
    variables={"tenant": Variable("[0-9a-f-]{36}")},
    headers={"Books-Tenant": "{tenant}", "X-Braces": "{}"},
)


def test_a_header_may_say_which_tenant_is_meant() -> None:
    tenant = "0f8fad5b-d9cb-469f-a165-70867728950e"
    assert build(Plan("GET", "/x"), {}, XERO, tenant=tenant).headers["Books-Tenant"] == tenant
    assert build(Plan("GET", "/x"), {}, XERO, tenant=tenant).headers["X-Braces"] == "{}"


@pytest.mark.parametrize("tenant", ["", "a", "0f8fad5b-d9cb-469f-a165-70867728950e\r\nX: 1", "*" * 36])
def test_a_tenant_that_does_not_fit_its_header_is_refused(tenant: str) -> None:
    with pytest.raises(InvalidManifest):
        build(Plan("GET", "/x"), {}, XERO, tenant=tenant)


@pytest.mark.parametrize(
    "base",
    ["ftp://a.example", "https://a.example/../x", "https://a b", "https://u@a.example", "https://a_b.example", ""],
)
def test_a_base_url_that_is_none_is_refused(base: str) -> None:
    with pytest.raises(InvalidManifest):
        RequestBuilder(Service("a", "A", "", "code", base, ("a.example",)), Plan("GET", "/x"))


@pytest.mark.parametrize(
    "name", ["Host", "authorization", "Content-Length", "Transfer-Encoding", "Cookie", "X Y", "A\r\nB"]
)
def test_no_plan_sets_a_header_that_is_ours(name: str) -> None:
    with pytest.raises(InvalidManifest):
        RequestBuilder(SERVICE, Plan("GET", "/x", (Parameter("h", name, "header"),)))
    with pytest.raises(InvalidManifest):
        RequestBuilder(SERVICE, Plan("GET", "/x", headers={name: "v"}))


def test_headers_know_no_case() -> None:
    plan = Plan(
        "GET", "/x", (Parameter("v", "x-acme-version", "header"),), accept="text/csv", headers={"accept": "a/b"}
    )
    assert build(plan, {"v": "4"}).headers == {"accept": "a/b", "x-acme-version": "4"}


def test_a_hole_without_a_parameter_is_refused() -> None:
    with pytest.raises(InvalidManifest, match="hole"):
        RequestBuilder(SERVICE, Plan("GET", "/{id}"))


def test_a_quote_in_a_quoted_hole_is_doubled_as_odata_has_it() -> None:
    plan = Plan("GET", "/search(q='{q}')/{id}", (Parameter("q", "q", "path"), Parameter("id", "id", "path")))
    assert build(plan, {"q": "it's", "id": "o'x"}).path == "/v1/search(q='it%27%27s')/o%27x"


@pytest.mark.parametrize("value", ["/Ünïcode 😀.txt", "/\x7f\n", '/"\\'])
def test_json_in_a_header_is_ascii_and_arrives_as_it_was(value: str) -> None:
    plan = Plan("POST", "/x", (Parameter("arg", "X-Arg", "header", media_type="application/json"),))
    header = build(plan, {"arg": {"path": value}}).headers["X-Arg"]
    assert header.isascii()
    assert header.isprintable()
    assert json.loads(header) == {"path": value}


def test_a_credential_may_be_good_at_another_place_than_the_others() -> None:
    basic, oauth = AuthScheme(AuthKind.BASIC), AuthScheme(AuthKind.BEARER, base_url="https://api.example/ex/{cloud}")
    service = Service(
        "jira",
        "Jira",
        "",
        "pm",
        "https://{site}.jira.example",
        ("{site}.jira.example", "api.example"),
        auth=(basic, oauth),
        variables={"site": Variable(), "cloud": Variable()},
    )
    builder = RequestBuilder(service, Plan("GET", "/me"))
    assert builder.build({}, {"site": "acme"}, basic).url == "https://acme.jira.example/me"
    assert builder.build({}, {"cloud": "c1"}, oauth).url == "https://api.example/ex/c1/me"
    assert builder.host({"cloud": "c1"}, oauth) == "api.example"
    with pytest.raises(InvalidManifest, match="cloud"):
        builder.build({}, {"site": "acme"}, oauth)
