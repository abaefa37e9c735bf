"""What a schema leaves out is kept whole beside the rows, each part once."""

from tests.compiler.describe import Node, body, compiled, document, operation
from trunkline.catalog.more import More

TREE: Node = {
    "type": "object",
    "properties": {
        "id": {"type": "integer", "readOnly": True},
        "name": {"type": "string"},
        "parent": {"$ref": "#/components/schemas/Tree"},
        "children": {"type": "array", "items": {"$ref": "#/components/schemas/Tree"}},
    },
    "required": ["id", "name"],
}


def more_of(schema: Node, **components: Node) -> More:
    wanted = {"type": "object", "properties": {"it": schema}, "required": ["it"]}
    post = operation(operationId="createThing", requestBody=body(wanted))
    return compiled(document({"/things": {"post": post}}, components={"schemas": components})).more


def test_a_recursive_schema_is_one_part_that_refers_to_itself() -> None:
    more = more_of({"$ref": "#/components/schemas/Tree"}, Tree=TREE)
    tree = {"$ref": "#/$defs/Tree"}
    assert more.tools == {"acme_create_thing": {"it": tree}}
    assert more.parts["Tree"]["properties"] == {
        "name": {"type": "string"},
        "parent": tree,
        "children": {"type": "array", "items": tree},
    }
    assert more.parts["Tree"]["required"] == ["name"]


def test_nothing_is_kept_of_what_is_shown_whole() -> None:
    assert more_of({"type": "string"}) == More()


def test_parts_of_an_all_of_that_come_round_have_an_end() -> None:
    left: Node = {
        "type": "object",
        "properties": {"next": {"$ref": "#/components/schemas/Left"}, "a": {"type": "string"}},
    }
    right: Node = {"type": "object", "properties": {"next": {"$ref": "#/components/schemas/Right"}}}
    both = {"allOf": [{"$ref": "#/components/schemas/Left"}, {"$ref": "#/components/schemas/Right"}]}
    more = more_of(both, Left=left, Right=right)
    assert len(more.parts) < 10
    assert set(more.parts["part"]["properties"]) == {"next", "a"}
