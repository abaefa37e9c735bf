"""What a manifest knows better than its description, about arguments and credentials."""

from tests.compiler.describe import Node, body, compiled, document, only, operation, parameter, plan_of, schema_of
from trunkline.contract import ToolSpec

SEARCH = {"type": "object", "properties": {"q": {"type": "string"}, "after": {"type": "string"}}}


def post(op: Node, **manifest: object) -> ToolSpec:
    return only(document({"/things": {"post": op}}), **manifest)


def test_an_argument_that_the_service_demands_is_required() -> None:
    spec = post(operation(parameters=[parameter("channel")]), tools={"createThing": {"required": ["channel"]}})
    assert schema_of(spec)["required"] == ["channel"]


def test_requiring_what_is_no_argument_is_a_problem_that_names_it() -> None:
    root = document({"/things": {"post": operation()}})
    problems = compiled(root, tools={"createThing": {"required": ["chanel"]}}).problems
    assert problems == ("acme: createThing: required: there is no argument chanel",)


def test_an_argument_that_only_the_description_demands_is_optional() -> None:
    given = body(SEARCH | {"required": ["q", "after"]})
    spec = post(operation(requestBody=given), corrections={"optional": ["after"]})
    assert schema_of(spec)["required"] == ["q"]


def test_a_number_that_is_a_text_is_taken_as_one() -> None:
    ts = parameter("ts", schema={"type": "number"})
    spec = post(operation(parameters=[ts]), corrections={"texts": ["ts"]})
    assert schema_of(spec)["properties"]["ts"]["type"] == "string"


def test_a_service_that_gives_nothing_without_a_credential_has_no_anonymous_tool() -> None:
    assert post(operation(security=[])).anonymous
    assert not post(operation(security=[]), anonymous=False).anonymous


def test_a_part_called_file_is_a_file_although_only_its_text_is_described() -> None:
    form = {"type": "object", "properties": {"file": {"type": "string"}, "purpose": {"type": "string"}}}
    fields = plan_of(post(operation(requestBody=body(form, "multipart/form-data")))).body
    assert fields is not None
    assert {field.name: field.binary for field in fields.fields} == {"file": True, "purpose": False}
