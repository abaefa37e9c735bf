"""Google's discovery documents: what becomes of methods, parameters, bodies and files."""

import json
from typing import Any

import pytest

from tests.compiler.describe import manifest, schema_of
from tests.compiler.discovery.small import SOURCE, compiled, document, in_path, in_query, tool, tools
from trunkline.category.request import Request, RequestBuilder
from trunkline.compiler.service import compile_service
from trunkline.contract import Body, BodyField, Effect, InvalidManifest, Plan, ToolSpec

NAME = in_path("name", pattern="^projects/[^/]+/things/[^/]+$")


def plan_of(spec: ToolSpec) -> Plan:
    assert isinstance(spec.plan, Plan)
    return spec.plan


def request(spec: ToolSpec, **arguments: Any) -> Request:
    service = manifest(source={"discovery": SOURCE}).service()
    return RequestBuilder(service, plan_of(spec)).build(arguments, {})


def test_the_name_of_a_resource_keeps_its_slashes_in_the_path() -> None:
    spec = tool("get", "GET", "{+name}:run", parameters=NAME)
    assert schema_of(spec)["properties"]["name"]["pattern"] == "^projects/[^/]+/things/[^/]+$"
    built = request(spec, name="projects/p/things/t")
    assert built.url == "https://api.acme.test/acme/v1/projects/p/things/t:run"


PARAMETERS: list[tuple[dict[str, Any], dict[str, Any]]] = [
    (in_query("q", "integer", minimum="1", maximum="50", default="10"), {"minimum": 1, "maximum": 50, "default": 10}),
    (in_query("q", "boolean", default="false"), {"type": "boolean", "default": False}),
    (in_query("q", repeated=True, enum=["a", "b"]), {"type": "array", "items": {"type": "string", "enum": ["a", "b"]}}),
    (in_query("q", format="int64"), {"type": "string", "pattern": r"^-?\d+$"}),
    (in_query("q", format="google-datetime"), {"type": "string", "format": "date-time"}),
]


@pytest.mark.parametrize(("parameter", "expected"), PARAMETERS)
def test_what_a_document_writes_as_text_is_what_it_means(parameter: dict[str, Any], expected: dict[str, Any]) -> None:
    shaped = schema_of(tool("list", "GET", parameters=parameter))["properties"]["q"]
    assert expected.items() <= shaped.items()


def test_common_parameters_are_never_arguments() -> None:
    root = document({"list": {"http": "GET"}}, parameters=in_query("alt") | in_query("key"))
    assert schema_of(tools(root)["list"])["properties"] == {}


THING = {
    "id": "Thing",
    "type": "object",
    "properties": {
        "kind": {"type": "string", "default": "acme#thing"},
        "id": {"type": "string", "readOnly": True},
        "created": {"type": "string", "description": "Output only. When."},
        "title": {"type": "string", "annotations": {"required": ["acme.things.insert"]}},
        "parts": {"type": "array", "items": {"$ref": "Part"}},
        "any": {"type": "any"},
    },
}
PART = {
    "id": "Part",
    "type": "object",
    "properties": {
        "size": {"type": "integer", "annotations": {"required": ["acme.things.insert"]}},
        "inner": {"$ref": "Thing"},
    },
}
SCHEMAS = {"Thing": THING, "Part": PART}
THINGS = {"$ref": "Thing"}


def test_what_only_answers_hold_is_no_argument() -> None:
    assert list(schema_of(tool("insert", schemas=SCHEMAS, request=THINGS))["properties"]) == ["title", "parts", "any"]


def test_a_property_is_required_by_the_methods_it_names_at_any_depth() -> None:
    both = tools(
        document({"insert": {"request": THINGS}, "patch": {"http": "PATCH", "request": THINGS}}, schemas=SCHEMAS)
    )
    assert schema_of(both["insert"])["required"] == ["title"]
    assert schema_of(both["insert"])["properties"]["parts"]["items"]["required"] == ["size"]
    assert "required" not in schema_of(both["patch"])
    assert "required" not in schema_of(both["patch"])["properties"]["parts"]["items"]


UPLOAD: dict[str, Any] = {
    "supportsMediaUpload": True,
    "mediaUpload": {"accept": ["*/*"], "protocols": {"simple": {"multipart": True, "path": "/upload/acme/v1/things"}}},
}


def test_a_method_that_takes_a_file_is_a_tool_without_and_a_tool_with_it() -> None:
    both = tools(document({"insert": {"request": THINGS} | UPLOAD}, schemas=SCHEMAS))
    assert {key: spec.name for key, spec in both.items()} == {
        "insert": "acme_create_thing",
        "insert/upload": "acme_create_thing_with_content",
    }
    spec = both["insert/upload"]
    assert schema_of(spec)["required"] == ["file"]  # it brings what the JSON alone would have to say
    built = request(spec, title="T", file={"filename": "a.png", "content_base64": "AAE="})
    assert built.url == "https://api.acme.test/upload/acme/v1/things?uploadType=multipart"
    assert built.headers["Content-Type"].startswith("multipart/related; boundary=")
    boundary = built.headers["Content-Type"].partition("=")[2].encode()
    assert built.body == (
        b"--%b\r\nContent-Type: application/json\r\n\r\n"
        b'{"title":"T"}\r\n--%b\r\nContent-Type: image/png\r\n\r\n\x00\x01\r\n--%b--\r\n'
    ) % (boundary, boundary, boundary)


def test_a_file_that_is_all_a_method_takes_is_its_body() -> None:
    spec = tool("set", **UPLOAD)
    assert plan_of(spec).path == "/upload/acme/v1/things?uploadType=media"
    assert plan_of(spec).body == Body("application/octet-stream", whole="body", required=True)


def test_the_media_type_of_a_mail_is_that_of_mails() -> None:
    upload = UPLOAD | {"mediaUpload": UPLOAD["mediaUpload"] | {"accept": ["message/*"]}}
    both = tools(document({"send": {"request": {"$ref": "Part"}} | upload}, schemas=SCHEMAS))
    body = plan_of(both["send/upload"]).body
    assert body is not None
    assert BodyField("file", "file", media_type="message/rfc822", binary=True) in body.fields


def test_content_is_downloaded_by_a_tool_of_its_own() -> None:
    given = {"http": "GET", "path": "things/{id}", "parameters": in_path("id"), "supportsMediaDownload": True}
    both = tools(document({"get": given | {"response": THINGS}}, schemas=SCHEMAS))
    assert both["get/download"].name == "acme_download_thing"
    assert plan_of(both["get/download"]).path == "/acme/v1/things/{id}?alt=media"
    assert plan_of(both["get/download"]).accept == "*/*"
    assert plan_of(tools(document({"export": given}))["export"]).path == "/acme/v1/things/{id}?alt=media"


def test_the_version_of_a_method_is_sent_with_it() -> None:
    assert plan_of(tool("list", "GET", apiVersion="2026-01-01")).headers == {"X-Goog-Api-Version": "2026-01-01"}


def test_a_person_edits_a_method_by_its_id_and_a_way_to_call_it_by_both() -> None:
    root = document({"insert": {"request": THINGS} | UPLOAD}, schemas=SCHEMAS)
    edits = {"acme.things.insert/upload": {"name": "upload_thing"}, "acme.things.insert": {"skip": True}}
    assert [spec.name for spec in tools(root, tools=edits).values()] == ["acme_upload_thing"]


def test_a_broken_method_is_reported_and_the_others_load() -> None:
    root = document({"get": {"http": "GET"}, "list": {"http": "GET"}})
    del root["resources"]["things"]["methods"]["get"]["path"]
    result = compiled(root)
    assert [spec.name for spec in result.specs] == ["acme_list_things"]
    assert "get" in result.problems[0]


@pytest.mark.parametrize("text", [b"", b"[]", b"{}", json.dumps(document({})).encode()])
def test_a_text_that_is_no_document_is_refused_by_name(text: bytes) -> None:
    with pytest.raises(InvalidManifest, match="acme"):
        compile_service(manifest(source={"discovery": SOURCE}), [(SOURCE, text)])


NAMES = [
    ("acme.projects.locations.things.list", "GET", "{+parent}/things", "list_things", Effect.READ),
    ("acme.projects.locations.things.patch", "PATCH", "{+name}", "update_thing", Effect.WRITE),
    ("acme.things.parts.batchGet", "POST", "parts:batchGet", "batch_get_parts", Effect.READ),
    ("acme.things.batchUpdate", "POST", "things/{id}:batchUpdate", "batch_update_thing", Effect.WRITE),
    ("acme.things.aggregatedList", "GET", "aggregated/things", "list_aggregated_things", Effect.READ),
    ("acme.things.instances", "GET", "things/{id}/instances", "list_thing_instances", Effect.READ),
    ("acme.colors.get", "GET", "colors", "get_colors", Effect.READ),
    ("acme.users.getProfile", "GET", "users/{id}/profile", "get_user_profile", Effect.READ),
    ("acme.things.setIamPolicy", "POST", "{+resource}:setIamPolicy", "set_thing_iam_policy", Effect.WRITE),
    ("acme.things.testIamPermissions", "POST", "{+resource}:test", "test_thing_iam_permissions", Effect.READ),
    ("acme.values.clear", "POST", "values/{id}:clear", "clear_value", Effect.DELETE),
    ("acme.versions.destroy", "POST", "{+name}:destroy", "destroy_version", Effect.DELETE),
    ("acme.keys.keyVersions.get", "GET", "{+name}", "get_key_version", Effect.READ),
    ("acme.messages.send", "POST", "messages/send", "send_message", Effect.WRITE),
]


@pytest.mark.parametrize(("id", "http", "path", "name", "effect"), NAMES)
def test_a_method_is_called_as_people_say_it(id: str, http: str, path: str, name: str, effect: Effect) -> None:
    *chain, last = id.split(".")[1:]
    inner: dict[str, Any] = {"methods": {last: {"id": id, "httpMethod": http, "path": path}}}
    for resource in reversed(chain):
        inner = {"resources": {resource: inner}}
    (spec,) = compiled(document({}) | inner).specs
    assert (spec.name, spec.effect) == (f"acme_{name}", effect)


def test_a_post_only_asks_if_a_scope_for_reading_is_enough() -> None:
    scope = "https://www.googleapis.com/auth/acme.readonly"
    assert tool("query", scopes=[scope]).effect is Effect.READ
    assert tool("query").effect is Effect.WRITE


def test_where_a_thing_can_also_be_patched_its_update_replaces_it() -> None:
    both = tools(
        document({"update": {"http": "PUT", "path": "things/{id}"}, "patch": {"http": "PATCH", "path": "things/{id}"}})
    )
    assert {key: spec.name for key, spec in both.items()} == {
        "update": "acme_replace_thing",
        "patch": "acme_update_thing",
    }


def test_a_name_that_several_resources_want_goes_to_the_nearest() -> None:
    def at(*chain: str) -> dict[str, Any]:
        inner: dict[str, Any] = {
            "methods": {
                "list": {"id": ".".join(("acme", *chain, "list")), "httpMethod": "GET", "path": "/".join(chain)}
            }
        }
        for resource in reversed(chain):
            inner = {resource: {"resources": inner} if "methods" not in inner else inner}
        return inner

    root = document({}) | {
        "resources": at("sinks") | at("organizations", "sinks") | at("projects", "sinks") | at("folders", "sinks")
    }
    assert {spec.operation: spec.name for spec in compiled(root).specs} == {
        "acme.sinks.list": "acme_list_sinks",
        "acme.projects.sinks.list": "acme_list_project_sinks",
        "acme.organizations.sinks.list": "acme_list_organization_sinks",
        "acme.folders.sinks.list": "acme_list_folder_sinks",
    }
