"""Parameters and bodies: where each argument goes."""

import pytest

from tests.compiler.describe import (
    Node,
    body,
    compiled,
    document,
    only,
    operation,
    parameter,
    plan_of,
    post,
    schema_of,
)
from trunkline.contract import Body, BodyField, Parameter

FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data"


def test_parameters_and_body_properties_become_arguments_of_one_level() -> None:
    things = {"type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"]}
    spec = post(
        operation(parameters=[parameter("dry run"), parameter("id", "path")], requestBody=body(things)), "/things/{id}"
    )
    assert list(schema_of(spec)["properties"]) == ["id", "dry_run", "name"]
    assert schema_of(spec)["required"] == ["id", "name"]
    assert schema_of(spec)["additionalProperties"] is False
    assert [(row.argument, row.name, row.location) for row in plan_of(spec).parameters] == [
        ("id", "id", "path"),
        ("dry_run", "dry run", "query"),
    ]


def test_one_name_in_two_places_is_two_arguments() -> None:
    things = {"type": "object", "properties": {"id": {"type": "string"}}}
    spec = post(
        operation(parameters=[parameter("id", "path"), parameter("id", "query")], requestBody=body(things)),
        "/things/{id}",
    )
    assert list(schema_of(spec)["properties"]) == ["id", "query_id", "body_id"]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"style": "form", "explode": True}, Parameter("q", "q", "query")),
        ({"explode": False}, Parameter("q", "q", "query", explode=False)),
        ({"style": "spaceDelimited"}, Parameter("q", "q", "query", style="spaceDelimited")),
        ({"style": "pipeDelimited", "explode": False}, Parameter("q", "q", "query", style="pipeDelimited")),
        ({"style": "deepObject", "explode": True}, Parameter("q", "q", "query", style="deepObject", explode=True)),
        ({"allowReserved": True}, Parameter("q", "q", "query", allow_reserved=True)),
        (
            {"content": {"application/json": {"schema": {}}}},
            Parameter("q", "q", "query", media_type="application/json"),
        ),
        ({"in": "path", "style": "matrix"}, Parameter("q", "q", "path", style="matrix")),
        ({"in": "path", "style": "label", "explode": True}, Parameter("q", "q", "path", style="label", explode=True)),
        ({"in": "header"}, Parameter("q", "q", "header")),
        ({"in": "cookie"}, Parameter("q", "q", "cookie")),
        ({"style": "nonsense"}, Parameter("q", "q", "query")),
    ],
)
def test_serialization_follows_style_and_explode(given: Node, expected: Parameter) -> None:
    spec = post(operation(parameters=[parameter("q") | given]), "/{q}" if given.get("in") == "path" else "/things")
    assert plan_of(spec).parameters == (expected,)


def test_path_level_parameters_are_inherited_and_overridden() -> None:
    item = {
        "parameters": [parameter("id", "path", {"type": "integer"}), parameter("page", schema={"type": "integer"})],
        "get": operation(operationId="getThing", parameters=[parameter("page", schema={"type": "string"})]),
    }
    (spec,) = compiled(document({"/things/{id}": item})).specs
    assert schema_of(spec)["properties"] == {"id": {"type": "integer"}, "page": {"type": "string"}}


def test_a_hole_that_nothing_describes_is_a_required_string() -> None:
    spec = post(operation(), "/things/{id}")
    assert schema_of(spec)["properties"] == {"id": {"type": "string"}}
    assert schema_of(spec)["required"] == ["id"]


def test_credentials_and_constant_headers_are_never_arguments() -> None:
    names = [("Authorization", "header"), ("X-Version", "header"), ("key", "query"), ("api_token", "query")]
    root = document(
        {"/things": {"post": operation(parameters=[*(parameter(*name) for name in names), parameter("q")])}},
        components={"securitySchemes": {"k": {"type": "apiKey", "in": "query", "name": "key"}}},
    )
    (spec,) = compiled(root, headers={"X-Version": "1"}, credential_parameters=["api_token"]).specs
    assert list(schema_of(spec)["properties"]) == ["q"]


def test_a_form_keeps_the_style_of_each_field() -> None:
    form: Node = {
        "type": "object",
        "properties": {"expand": {"type": "array", "items": {"type": "string"}}, "name": {}},
    }
    encoding = {"expand": {"style": "deepObject", "explode": True}}
    spec = post(operation(requestBody=body(form, FORM, encoding=encoding)))
    assert plan_of(spec).body == Body(
        FORM,
        (BodyField("expand", "expand", style="deepObject", explode=True), BodyField("name", "name")),
        required=True,
    )


def test_json_is_preferred_to_forms_and_odd_media_types_are_passed_over() -> None:
    content: Node = {
        kind: {"schema": {"type": "object", "properties": {"a": {}}}} for kind in (MULTIPART, FORM, "examples")
    }
    request: Node = {"content": content | {"application/json": {"schema": {"type": "object", "properties": {"b": {}}}}}}
    assert list(schema_of(post(operation(requestBody=request)))["properties"]) == ["b"]


def test_a_file_is_given_by_name_and_content_or_as_text() -> None:
    form: Node = {
        "type": "object",
        "properties": {"file": {"type": "string", "format": "binary"}},
        "required": ["file"],
    }
    spec = post(operation(requestBody=body(form, MULTIPART)))
    assert plan_of(spec).body == Body(MULTIPART, (BodyField("file", "file", binary=True),), required=True)
    assert schema_of(spec)["properties"]["file"]["type"] == ["string", "object"]


BODIES: list[tuple[str, Node]] = [
    ("application/json", {"type": "array", "items": {"type": "string"}}),
    ("application/json", {"type": "object", "additionalProperties": {"type": "string"}}),
    ("application/json", {"anyOf": [{"type": "object"}, {"type": "array", "items": {}}]}),
    ("application/json", {"type": "object", "properties": {"a": {}}, "minProperties": 1}),
    ("text/plain", {"type": "string"}),
    ("application/octet-stream", {"type": "string", "format": "binary"}),
]


@pytest.mark.parametrize(("media_type", "schema"), BODIES)
def test_a_body_without_fixed_properties_is_one_argument(media_type: str, schema: Node) -> None:
    spec = post(operation(requestBody=body(schema, media_type)))
    assert plan_of(spec).body == Body(media_type, whole="body", required=True)
    assert schema_of(spec)["required"] == ["body"]


@pytest.mark.parametrize(
    "schema", [{}, {"type": "array", "items": {"type": "string"}}, {"oneOf": [{"type": "object"}]}]
)
def test_a_multipart_body_without_named_parts_takes_any(schema: Node) -> None:
    spec = post(operation(requestBody=body(schema, MULTIPART)))
    assert plan_of(spec).body == Body(MULTIPART, whole="body", required=True)
    assert schema_of(spec)["properties"]["body"]["type"] == "object"


@pytest.mark.parametrize("media_type", ["application/octet-stream", "application/xml", "text/csv"])
def test_what_only_the_service_can_read_is_given_as_a_file_or_as_its_text(media_type: str) -> None:
    spec = post(operation(requestBody=body({"type": "object", "properties": {"a": {}}}, media_type)))
    assert schema_of(spec)["properties"]["body"]["type"] == ["string", "object"]


def test_an_empty_default_is_none_for_a_segment_of_the_path() -> None:
    spec = post(operation(parameters=[parameter("id", "path", {"type": "string", "default": ""})]), "/things/{id}")
    assert schema_of(spec)["properties"]["id"] == {"type": "string"}


def test_a_value_that_is_always_the_same_is_filled_in() -> None:
    schema: Node = {
        "type": "object",
        "properties": {"type": {"enum": ["card"]}, "n": {"type": "integer"}},
        "required": ["type"],
    }
    spec = post(operation(requestBody=body(schema)))
    assert list(schema_of(spec)["properties"]) == ["n"]
    request = plan_of(spec).body
    assert request is not None
    assert request.constants == {"type": b'"card"'}


def test_required_properties_of_an_optional_body_are_required() -> None:
    schema: Node = {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"]}
    spec = post(operation(requestBody=body(schema) | {"required": False}))
    assert schema_of(spec)["required"] == ["a"]


@pytest.mark.parametrize(("properties", "kept"), [({}, False), ({"query": {"type": "string"}}, True)])
def test_a_body_on_get_is_left_out_unless_it_has_something_to_say(properties: Node, kept: bool) -> None:
    schema: Node = {"type": "object", "properties": properties}
    root = document({"/things": {"get": operation(requestBody=body(schema) | {"required": False})}})
    (spec,) = compiled(root).specs
    assert (plan_of(spec).body is not None) is kept


def test_an_object_is_sent_as_json_where_any_type_is_taken() -> None:
    request = plan_of(post(operation(requestBody=body({"type": "object", "properties": {"a": {}}}, "*/*")))).body
    assert request is not None
    assert request.media_type == "application/json"


def test_an_operation_may_live_on_another_host_of_the_allow_list() -> None:
    root = document({"/files": {"post": operation(servers=[{"url": "https://files.acme.test/"}])}})
    (spec,) = compiled(root, hosts=["api.acme.test", "files.acme.test"]).specs
    assert plan_of(spec).base_url == "https://files.acme.test"


def test_a_templated_server_takes_its_defaults_and_the_variables_of_the_manifest() -> None:
    server: Node = {
        "url": "https://{tenant}.{region}.acme.test/{version}",
        "variables": {"region": {"default": "eu"}, "version": {"default": "v3"}},
    }
    root = document({"/things": {"post": operation(servers=[server])}})
    hosts = ["api.acme.test", "{tenant}.eu.acme.test"]
    (spec,) = compiled(root, hosts=hosts, variables={"tenant": {}}).specs
    assert plan_of(spec).base_url == "https://{tenant}.eu.acme.test/v3"


def test_the_default_port_of_a_server_is_no_other_host() -> None:
    spec = post(operation(servers=[{"url": "https://api.acme.test:443/v2/"}]))
    assert plan_of(spec).base_url == "https://api.acme.test/v2"


def test_a_header_with_a_slip_in_its_name_is_read_as_meant() -> None:
    spec = post(operation(parameters=[parameter("X-Trace: ", "header"), parameter("Content-Type:", "header")]))
    assert [row.name for row in plan_of(spec).parameters] == ["X-Trace"]


def test_an_operation_off_the_allow_list_is_reported_and_left_out() -> None:
    root = document({"/files": {"post": operation(servers=[{"url": "https://evil.test/"}])}})
    result = compiled(root)
    assert result.specs == ()
    assert "https://evil.test" in result.problems[0]


SECURITY: list[tuple[list[Node] | None, bool]] = [
    ([], True),
    ([{"b": []}, {}], True),
    ([{"b": []}], False),
    (None, False),
]


@pytest.mark.parametrize(("security", "anonymous"), SECURITY)
def test_an_operation_says_whether_it_needs_a_credential(security: list[Node] | None, anonymous: bool) -> None:
    spec = post(operation() if security is None else operation(security=security))
    assert spec.anonymous is anonymous


def test_a_fragment_of_a_path_is_not_sent() -> None:
    assert plan_of(post(operation(), "/things#archive")).path == "/things"


def test_the_answer_is_asked_for_in_its_own_media_type() -> None:
    answer: Node = {"200": {"description": "", "content": {"audio/mpeg": {}}}}
    assert plan_of(post(operation(responses=answer))).accept == "audio/mpeg"


def test_a_hole_in_a_query_that_is_written_into_a_path_is_a_parameter_of_the_query() -> None:
    path = "/weather?kind=now&city={place}&unit={unit}"
    op = operation(parameters=[parameter("place", "path", required=True), parameter("unit")])
    spec = only(document({path: {"get": op}}))
    assert plan_of(spec).path == "/weather?kind=now"
    assert plan_of(spec).parameters == (Parameter("unit", "unit", "query"), Parameter("city", "city", "query"))
    assert schema_of(spec)["required"] == ["city"]


def test_a_hole_that_is_the_name_in_a_written_query_is_the_parameter() -> None:
    op = operation(parameters=[parameter("number", "path", required=True)])
    spec = only(document({"/numbers?{number}=1": {"get": op}}))
    assert plan_of(spec).path == "/numbers"
    assert plan_of(spec).parameters == (Parameter("number", "number", "query"),)


def test_a_property_whose_schema_is_false_is_no_argument() -> None:
    sent = {"type": "object", "properties": {"a": {"type": "string"}, "additionalProperties": False}}
    assert set(schema_of(post(operation(requestBody=body(sent))))["properties"]) == {"a"}


def test_an_operation_that_names_only_one_of_the_services_servers_is_called_there() -> None:
    servers = [{"url": "https://api.acme.test"}, {"url": "https://api.acme.test/beta"}]
    root = document({"/things": {"post": operation(servers=servers[1:])}}, servers=servers)
    assert plan_of(only(root)).base_url == "https://api.acme.test/beta"
