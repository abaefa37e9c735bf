"""Stands in for a GraphQL service: validates documents by the published schema, executes them on made-up values."""

from typing import Any, Final, cast

import orjson
from graphql import (
    DocumentNode,
    GraphQLEnumType,
    GraphQLError,
    GraphQLList,
    GraphQLObjectType,
    GraphQLSchema,
    OperationDefinitionNode,
    build_schema,
    execute_sync,  # pyright: ignore[reportUnknownVariableType] - generics without arguments
    is_abstract_type,
    is_leaf_type,
    parse,
    validate,
)
from graphql.execution.values import get_variable_values

from trunkline.contract import InvalidManifest
from trunkline.sandbox.answer import Reply
from trunkline.sandbox.descriptions import Site, Texts
from trunkline.sandbox.judge import Judgement
from trunkline.sandbox.request import Request
from trunkline.sandbox.violation import Violation

_PATH: Final = "/graphql"
_JSON: Final = {"Content-Type": "application/json"}
_VALUES: Final[dict[str, Any]] = {
    "Int": 1,
    "Float": 1.5,
    "Boolean": True,
    "ID": "11111111-1111-4111-8111-111111111111",
    "UUID": "11111111-1111-4111-8111-111111111111",
    "DateTime": "2026-01-31T12:00:00.000Z",
    "TimelessDate": "2026-01-31",
    "JSON": {},
    "JSONObject": {},
}


class GraphQlService:
    """The judge of a service by its GraphQL schema."""

    def __init__(self, site: Site, schema: GraphQLSchema) -> None:
        self._site = site
        self._schema = schema

    @staticmethod
    def load(site: Site, texts: Texts) -> "GraphQlService":
        """Raises InvalidManifest for a text that is no schema."""
        source, text = texts[0]
        try:
            return GraphQlService(site, build_schema(text.decode(), assume_valid=True, no_location=True))
        except (GraphQLError, UnicodeDecodeError) as error:
            raise InvalidManifest(f"{source}: not a GraphQL schema: {error}") from None

    def judge(self, request: Request) -> Judgement | Violation:
        if request.path != _PATH:
            return Violation("path", "", "route", _PATH)
        if request.method != "POST":
            return Violation("path", "", "method", "POST", request.method)
        if self._site.auth and not request.headers.get("authorization"):
            return Judgement(_PATH, (Violation("header", "/authorization", "credential", "a credential"),), _nothing)
        return self._executed(request)

    def _executed(self, request: Request) -> Judgement:
        try:
            asked = orjson.loads(request.body)
            document = parse(str(asked["query"]))
            variables = cast("dict[str, Any]", asked.get("variables") or {})
        except (ValueError, KeyError, TypeError, AttributeError, GraphQLError):
            expected = 'JSON with "query", a GraphQL document, and "variables"'
            return Judgement(_PATH, (Violation("body", "", "syntax", expected),), _nothing)
        violations = self._invalid(document) or self._unfit(document, variables)
        return Judgement(_name(document), tuple(violations), lambda: self._answer(document, variables))

    def _invalid(self, document: DocumentNode) -> list[Violation]:
        return [Violation("body", "/query", "document", error.message) for error in validate(self._schema, document)]

    def _unfit(self, document: DocumentNode, variables: dict[str, Any]) -> list[Violation]:
        """What does not fit its variable; the message of graphql-core would show the value."""
        operation = next((node for node in document.definitions if isinstance(node, OperationDefinitionNode)), None)
        declared = operation.variable_definitions if operation else None
        found = get_variable_values(self._schema, declared or (), variables)
        errors = found if isinstance(found, list) else []
        return [Violation("body", "/variables", "type", "values of the declared types") for _ in errors[:1]]

    def _answer(self, document: DocumentNode, variables: dict[str, Any]) -> Reply:
        done = execute_sync(
            self._schema, document, {}, variable_values=variables, field_resolver=_made_up, type_resolver=_first
        )
        return Reply(200, _JSON, orjson.dumps(done.formatted))


def _nothing() -> Reply:
    return Reply(400, _JSON)


def _name(document: DocumentNode) -> str:
    """The operation's kind and name, which are not secret."""
    found = next((node for node in document.definitions if isinstance(node, OperationDefinitionNode)), None)
    return f"{found.operation.value} {found.name.value if found.name else ''}" if found else _PATH


def _first(value: Any, info: Any, kind: Any) -> str:
    return info.schema.get_possible_types(kind)[0].name


def _made_up(source: Any, info: Any, **_: Any) -> Any:
    return False if info.field_name == "hasNextPage" else _value(info.return_type, info.field_name)


def _value(kind: Any, name: str) -> Any:
    inner = getattr(kind, "of_type", None)
    if inner is not None:
        return [_value(inner, name)] if isinstance(kind, GraphQLList) else _value(inner, name)
    if isinstance(kind, GraphQLEnumType):
        return next(iter(kind.values.values())).value
    if isinstance(kind, GraphQLObjectType) or is_abstract_type(kind):
        return {}
    return _VALUES.get(kind.name, f"a {name}") if is_leaf_type(kind) else None
