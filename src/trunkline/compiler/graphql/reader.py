"""A GraphQL schema -> drafts of tools, one for each query and mutation that is not deprecated."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Final, Literal, cast

from graphql import GraphQLError, GraphQLField, GraphQLObjectType, GraphQLSchema, build_schema

from trunkline.catalog.manifest import Manifest
from trunkline.compiler import openapi
from trunkline.compiler.document import Document
from trunkline.compiler.draft import Draft, Outline, Reading, Texts
from trunkline.compiler.effects import effect_of
from trunkline.compiler.graphql import inputs
from trunkline.compiler.graphql.selection import Selection, is_connection, named, selection_of
from trunkline.compiler.naming import base_name
from trunkline.compiler.node import Node
from trunkline.compiler.words import is_plural, split
from trunkline.contract import Effect, GraphQlPlan, InvalidManifest, Paging, PagingStrategy

_PATH: Final = "/graphql"
_NO_VERB: Final = "_graphql"  # how a name ends that was made up from the path
_ASKING: Final = frozenset(("search", "find", "get", "list", "fetch", "check", "verify"))  # other words may be nouns
_MOST_NAMES: Final = 60
_CHOICE: Final = r"^[_A-Za-z]\w*(\.[_A-Za-z]\w*){0,4}$"
Kind = Literal["query", "mutation"]


@dataclass(frozen=True)
class _Root:
    """A field of Query or Mutation."""

    kind: Kind
    name: str
    field: GraphQLField

    @property
    def id(self) -> str:
        return f"{self.kind} {self.name}"

    @property
    def verb_noun(self) -> str:
        if self.kind == "query":
            return self._of_query()
        found = base_name(self.name, "POST", _PATH)
        return "_".join(split(self.name)) if found.endswith(_NO_VERB) else found

    def _of_query(self) -> str:
        found = base_name(self.name, "POST", _PATH)
        if found.partition("_")[0] in _ASKING:
            return found
        words = split(self.name)
        many = is_connection(named(self.field)) or is_plural(words[-1])
        return "_".join(("list" if many else "get", *words))


def read(manifest: Manifest, texts: Texts) -> Reading:
    """Raises InvalidManifest if the first text is no GraphQL schema."""
    source, text = texts[0]
    try:
        schema = build_schema(text.decode(), assume_valid=True, no_location=True)
        roots = {root.id: root for root in _roots(schema)}
    except (GraphQLError, UnicodeDecodeError, TypeError) as error:  # a name that is no type is a TypeError
        raise InvalidManifest(f"{source}: not a GraphQL schema: {error}") from None
    reading = openapi.of_documents(manifest, [_document(schema, roots)], [])
    return replace(reading, drafts=tuple(_draft(draft, roots[draft.id]) for draft in reading.drafts))


def _roots(schema: GraphQLSchema) -> Iterator[_Root]:
    kinds: tuple[tuple[Kind, GraphQLObjectType | None], ...] = (
        ("query", schema.query_type),
        ("mutation", schema.mutation_type),
    )
    for kind, holder in kinds:
        for name, field in holder.fields.items() if holder else ():
            if field.deprecation_reason is None and not name.startswith("_"):
                yield _Root(kind, name, field)


def _document(schema: GraphQLSchema, roots: dict[str, _Root]) -> Document:
    """The schema's inputs as an OpenAPI description: one POST for each field."""
    paths: Node = {f"{_PATH}#{root.id}": {"post": _operation(root)} for root in roots.values()}
    return Document({"openapi": "3.1.0", "paths": paths, "components": {"schemas": inputs.components(schema)}})


def _operation(root: _Root) -> Node:
    operation: Node = {"operationId": root.id, "description": root.field.description or ""}
    schema = inputs.arguments(root.field)
    if not schema["properties"]:
        return operation
    return {**operation, "requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}


def _draft(draft: Draft, root: _Root) -> Draft:
    return replace(
        draft,
        keys=(root.id, root.name),
        name=root.verb_noun,
        order=(root.kind, len(root.name), root.name),
        others=lambda: [f"{root.verb_noun}_{root.kind}"],
        compile=partial(_compiled, draft, root),
    )


def _compiled(draft: Draft, root: _Root, name: str) -> Outline:
    """Raises BrokenDescription."""
    return _outline(draft.compile(name), root, name)


def _outline(outline: Outline, root: _Root, name: str) -> Outline:
    reads = root.kind == "query"
    selection = selection_of(root.field, changes=not reads)
    return replace(
        outline,
        effect=Effect.READ if reads else _effect(name),
        idempotent=reads,
        schema=_with_fields(outline.schema, selection),
        plan=_plan(root, selection),
        paging=_paging(root.field),
    )


def _effect(name: str) -> Effect:
    """A mutation changes something, whatever its name says; archiving takes out of sight."""
    removes = effect_of("POST", name) is Effect.DELETE or name.startswith("archive_")
    return Effect.DELETE if removes else Effect.WRITE


def _with_fields(schema: Node, selection: Selection) -> Node:
    """The schema with the argument that chooses what is answered."""
    if not selection.names:
        return schema
    more = ", …" if len(selection.names) > _MOST_NAMES else ""
    names = ", ".join(selection.names[:_MOST_NAMES])
    fields: Node = {
        "type": "array",
        "items": {"type": "string", "pattern": _CHOICE},
        "minItems": 1,
        "maxItems": 50,
        "description": f"Fields of {selection.item} instead of the usual ones, dotted into objects: {names}{more}",
    }
    return {**schema, "properties": {**schema.get("properties", {}), "fields": fields}}


def _plan(root: _Root, selection: Selection) -> GraphQlPlan:
    given = {name: each for name, each in root.field.args.items() if each.deprecation_reason is None}
    variables = ", ".join(f"${name}: {cast('Any', each).type}" for name, each in given.items())
    passed = ", ".join(f"{name}: ${name}" for name in given)
    head = f"{root.kind} {root.name}{f'({variables})' if given else ''}{{{root.name}{f'({passed})' if given else ''}"
    return GraphQlPlan(
        path=_PATH,
        before=head + selection.before,
        chosen=selection.chosen,
        after=selection.after + "}",
        root=root.name,
        arguments=tuple(given),
        choice=bool(selection.names),
    )


def _paging(field: GraphQLField) -> Paging | None:
    kind = named(field)
    if not is_connection(kind) or "after" not in field.args:
        return None
    return Paging(
        PagingStrategy.CURSOR,
        send=("after",),
        next=("/pageInfo/endCursor",),
        items="/nodes",
        more="/pageInfo/hasNextPage",
        size="first" if "first" in field.args else "",
    )
