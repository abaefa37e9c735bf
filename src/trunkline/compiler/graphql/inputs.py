"""The inputs of a GraphQL schema as those of an OpenAPI description, which the compiler knows how to cut to size."""

from typing import Any, Final, cast

from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLList,
    GraphQLSchema,
    Undefined,
    is_required_argument,
    is_required_input_field,
)

from trunkline.compiler.node import Node

_SCALARS: Final[dict[str, Node]] = {
    "ID": {"type": "string"},
    "String": {"type": "string"},
    "Int": {"type": "integer"},
    "Float": {"type": "number"},
    "Boolean": {"type": "boolean"},
    "UUID": {"type": "string"},
    "DateTime": {"type": "string"},
    "JSONObject": {"type": "object"},
}


def components(schema: GraphQLSchema) -> Node:
    """Input objects and enums by name."""
    return {
        name: _enum(kind) if isinstance(kind, GraphQLEnumType) else _object(kind)
        for name, kind in schema.type_map.items()
        if isinstance(kind, GraphQLInputObjectType | GraphQLEnumType) and not name.startswith("__")
    }


def arguments(field: GraphQLField) -> Node:
    """The arguments of a field as one object."""
    given = {name: each for name, each in field.args.items() if each.deprecation_reason is None}
    properties = {name: _described(each) for name, each in given.items()}
    return {
        "type": "object",
        "properties": properties,
        "required": [name for name, each in given.items() if is_required_argument(each)],
    }


def _object(kind: GraphQLInputObjectType) -> Node:
    given = {name: each for name, each in kind.fields.items() if each.deprecation_reason is None}
    required = [name for name, each in given.items() if is_required_input_field(each)]
    properties = {name: _described(each) for name, each in given.items()}
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}


def _enum(kind: GraphQLEnumType) -> Node:
    return {"type": "string", "enum": [name for name, each in kind.values.items() if each.deprecation_reason is None]}


def _described(given: GraphQLArgument | GraphQLInputField) -> Node:
    schema = dict(_schema(cast("Any", given).type))
    if given.description and "$ref" not in schema:
        schema["description"] = given.description
    if given.default_value is not Undefined and given.default_value is not None and "$ref" not in schema:
        schema["default"] = given.default_value
    return schema


def _schema(kind: Any) -> Node:
    inner = getattr(kind, "of_type", None)
    if inner is not None:
        return {"type": "array", "items": _schema(inner)} if isinstance(kind, GraphQLList) else _schema(inner)
    if isinstance(kind, GraphQLInputObjectType | GraphQLEnumType):
        return {"$ref": f"#/components/schemas/{kind.name}"}
    return _SCALARS.get(kind.name, {"description": f"A {kind.name}."})
