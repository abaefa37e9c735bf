"""Tools out of a service model, a small one of our own."""

import json
import zlib
from typing import Any

from tests.compiler.describe import Node, manifest, schema_of
from trunkline.compiler.service import CompiledService, compile_service
from trunkline.contract import AwsPlan, Effect, ToolSpec

REGION_RULES: Node = {
    "version": "1.0",
    "parameters": {"Region": {"type": "String", "builtIn": "AWS::Region"}},
    "rules": [{"type": "endpoint", "conditions": [], "endpoint": {"url": "https://things.{Region}.amazonaws.com"}}],
}
PARTITIONS: Node = {"partitions": [], "version": "1.1"}
SHAPES: Node = {
    "Text": {"type": "string", "min": 1, "max": 9, "pattern": "x+"},
    "Kind": {"type": "string", "enum": ["big", "small"]},
    "Data": {"type": "blob"},
    "When": {"type": "timestamp"},
    "Tags": {"type": "map", "key": {"shape": "Text"}, "value": {"shape": "Text"}, "max": 3},
    "Tree": {"type": "structure", "members": {"name": {"shape": "Text"}, "children": {"shape": "Trees"}}},
    "Trees": {"type": "list", "member": {"shape": "Tree"}, "min": 1},
    "Either": {"type": "structure", "union": True, "members": {"a": {"shape": "Text"}, "b": {"shape": "Text"}}},
    "Anything": {"type": "structure", "members": {}, "document": True},
    "Stream": {"type": "structure", "eventstream": True, "members": {}},
}


def member(shape: str, **more: object) -> Node:
    return {"shape": shape, **more}


def compiled(operations: Node, shapes: Node, **edits: object) -> CompiledService:
    model = {
        "metadata": {"protocol": "json", "jsonVersion": "1.1", "endpointPrefix": "things", "targetPrefix": "T",
                     "serviceId": "Things", "apiVersion": "1", "signatureVersion": "v4"},
        "operations": operations,
        "shapes": SHAPES | shapes,
    }  # fmt: skip
    files: Node = {
        "service-2.json.gz": model,
        "endpoint-rule-set-1.json.gz": REGION_RULES,
        "partitions.json": PARTITIONS,
    }
    ids = [f"pypi:botocore:botocore/data/things/1/{name}" for name in files]
    service = manifest(
        source={"aws": ids},
        hosts=["things.{region}.amazonaws.com"],
        auth=["sigv4"],
        variables={"region": {"pattern": "[a-z0-9-]+"}},
        **edits,
    )
    texts = [(each, json.dumps(text).encode()) for each, text in zip(ids, files.values(), strict=True)]
    return compile_service(service, texts)


def one(members: Node, name: str = "CreateThing", required: list[str] | None = None, **more: object) -> ToolSpec:
    shapes: Node = {"In": {"type": "structure", "members": members, "required": required or []}}
    operation = {"name": name, "http": {"method": "POST", "requestUri": "/"}, "input": {"shape": "In"}, **more}
    result = compiled({name: operation}, shapes)
    assert not result.problems
    return result.specs[0]


def property_of(spec: ToolSpec, name: str) -> Any:
    return schema_of(spec)["properties"][name]


def test_members_become_arguments_with_their_limits_and_no_pattern() -> None:
    spec = one({"Name": member("Text", documentation="<p>Its <b>name</b>.</p>"), "Kind": member("Kind")})
    assert property_of(spec, "Name") == {"type": "string", "description": "Its name.", "minLength": 1, "maxLength": 9}
    assert property_of(spec, "Kind") == {"type": "string", "enum": ["big", "small"]}


def test_bytes_times_and_maps_have_a_form_in_json() -> None:
    spec = one({"Data": member("Data"), "When": member("When"), "Tags": member("Tags")})
    assert property_of(spec, "Data") == {"type": "string", "format": "byte"}
    assert property_of(spec, "When") == {"type": "string", "format": "date-time"}
    assert property_of(spec, "Tags")["additionalProperties"]["type"] == "string"


def test_a_union_has_one_member_and_a_document_is_any_value() -> None:
    spec = one({"Either": member("Either"), "Anything": member("Anything")})
    assert (property_of(spec, "Either")["minProperties"], property_of(spec, "Either")["maxProperties"]) == (1, 1)
    assert property_of(spec, "Anything") == {}


def test_a_shape_inside_itself_ends() -> None:
    spec = one({"Tree": member("Tree")}, required=["Tree"])
    assert len(spec.input_schema) < 1000


def test_a_token_against_repetition_is_optional_even_where_it_is_required() -> None:
    spec = one({"Token": member("Text", idempotencyToken=True), "Name": member("Text")}, required=["Token", "Name"])
    assert schema_of(spec)["required"] == ["Name"]


def test_names_and_effects_come_from_the_operation() -> None:
    found = {name: one({}, name) for name in ("DescribeThings", "BatchDeleteThing", "TerminateThing", "StopThing")}
    assert {spec.name: spec.effect for spec in found.values()} == {
        "acme_describe_things": Effect.READ,
        "acme_batch_delete_thing": Effect.DELETE,
        "acme_terminate_thing": Effect.DELETE,
        "acme_stop_thing": Effect.WRITE,
    }


def test_an_operation_without_authentication_is_anonymous() -> None:
    assert one({}, authtype="none").anonymous
    assert not one({}).anonymous


def test_the_first_sentence_says_what_it_does_not_what_it_warns_of() -> None:
    text = "<note><p>Not everywhere.</p></note> <p>Makes a thing. More of it.</p>"
    assert one({}, documentation=text).description.startswith("Create thing. Makes a thing.")


def test_the_plan_holds_only_what_the_wire_needs() -> None:
    plan = one({"Name": member("Text", documentation="Its name."), "Tree": member("Tree")}).plan
    assert isinstance(plan, AwsPlan)
    assert (plan.operation, plan.host, plan.signing_name) == ("CreateThing", "things.{region}.amazonaws.com", "things")
    model = json.loads(zlib.decompress(plan.model))
    assert set(model["shapes"]) == {"In", "-string", "Tree", "Trees"}
    assert b"documentation" not in zlib.decompress(plan.model)


def test_a_stream_of_events_is_left_out_and_reported() -> None:
    operation = {"name": "Watch", "http": {"method": "POST", "requestUri": "/"}, "output": {"shape": "Out"}}
    result = compiled({"Watch": operation}, {"Out": {"type": "structure", "members": {"s": member("Stream")}}})
    assert result.specs == ()
    assert "stream of events" in result.problems[0]


def test_a_host_that_the_manifest_does_not_list_is_left_out_and_reported() -> None:
    operation = {"name": "Go", "http": {"method": "POST", "requestUri": "/"}, "endpoint": {"hostPrefix": "data."}}
    result = compiled({"Go": operation}, {})
    assert result.specs == ()
    assert "data.things.{region}.amazonaws.com is not one of the manifest's" in result.problems[0]
