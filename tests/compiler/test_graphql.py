"""GraphQL: a tool for each query and mutation, whose document graphql-core finds valid."""

import json
from collections.abc import Mapping

import pytest
from graphql import build_schema, parse, validate

from tests.support.folders import downloads, mirror
from trunkline.catalog.manifest import Manifest, parse_manifest
from trunkline.catalog.manifests import Manifests
from trunkline.catalog.sources import Sources
from trunkline.category.graphql import document_of
from trunkline.compiler.service import compile_service
from trunkline.contract import Effect, GraphQlPlan, InvalidManifest, PagingStrategy, ToolSpec

SCHEMA = """
scalar DateTime
enum Order { up, down, sideways @deprecated }
interface Node { id: ID! }
union Thing = Book | Shelf
input Filter { title: String, and: [Filter!], order: Order, old: Int @deprecated }
type Page { hasNextPage: Boolean!, endCursor: String }
type Book implements Node {
  id: ID!, title: String!, at: DateTime, old: Int @deprecated, cover(size: Int!): String,
  shelf: Shelf, sequels(first: Int): Books!, like: [Book!]!
}
type Shelf implements Node { id: ID!, name: String, books: Books! }
type Books { nodes: [Book!]!, pageInfo: Page! }
type NovelPayload { success: Boolean!, book: Book }
type Query {
  book("Which one." id: ID!): Book
  books(filter: Filter, first: Int = 10, after: String): Books!
  anything: Thing
  viewer: Shelf
  version: String!
  gone: Int @deprecated
}
type Mutation {
  novelCreate(title: String!, tags: [String!]): NovelPayload!
  novelDelete(id: ID!): NovelPayload!
  novelArchive(id: ID!): NovelPayload!
}
"""


def acme(verify: str = "") -> Manifest:
    text = f"""
format: 1
id: acme
title: Acme
summary: Books.
source: {{graphql: "github:acme/api:schema.graphql"}}
hosts: [api.acme.test]
auth: [bearer]
{verify}
"""
    return parse_manifest(text.encode(), "pm/acme.yaml", "acme", "pm")


def compiled() -> dict[str, ToolSpec]:
    built = compile_service(acme("verify: {tool: query viewer}"), [("github:acme/api:schema.graphql", SCHEMA.encode())])
    assert built.problems == ()
    assert built.service.verify == "acme_get_viewer"
    return {spec.name: spec for spec in built.specs}


def plan_of(spec: ToolSpec) -> GraphQlPlan:
    assert isinstance(spec.plan, GraphQlPlan)
    return spec.plan


def properties(spec: ToolSpec) -> Mapping[str, dict[str, object]]:
    return json.loads(spec.input_schema)["properties"]


def test_every_query_and_mutation_that_is_not_deprecated_is_a_tool() -> None:
    effects = {name: spec.effect for name, spec in compiled().items()}
    assert effects == {
        "acme_get_book": Effect.READ,
        "acme_list_books": Effect.READ,
        "acme_get_anything": Effect.READ,
        "acme_get_viewer": Effect.READ,
        "acme_get_version": Effect.READ,
        "acme_create_novel": Effect.WRITE,
        "acme_delete_novel": Effect.DELETE,
        "acme_archive_novel": Effect.DELETE,
    }


def test_every_document_is_valid() -> None:
    schema = build_schema(SCHEMA)
    for spec in compiled().values():
        assert validate(schema, parse(document_of(plan_of(spec)))) == []


def test_plain_fields_are_selected_and_of_objects_what_they_are_called() -> None:
    book = plan_of(compiled()["acme_get_book"])
    assert book.chosen == "id title at shelf{id name} like{id title}"
    created = plan_of(compiled()["acme_create_novel"])
    assert created.chosen == "success book{id title at shelf{id name} like{id title}}"
    assert plan_of(compiled()["acme_get_anything"]).chosen == "__typename ... on Book{id title} ... on Shelf{id name}"


def test_a_connection_is_its_nodes_and_goes_on_page_by_page() -> None:
    spec = compiled()["acme_list_books"]
    plan = plan_of(spec)
    assert plan.before.endswith("{nodes{")
    assert plan.after == "}pageInfo{hasNextPage endCursor}}}"
    assert spec.paging is not None
    assert (spec.paging.strategy, spec.paging.send) == (PagingStrategy.CURSOR, ("after",))


def test_arguments_become_the_input_schema() -> None:
    tools = compiled()
    book = json.loads(tools["acme_get_book"].input_schema)
    assert book["properties"]["id"] == {"type": "string", "description": "Which one."}
    assert book["required"] == ["id"]
    books = json.dumps(properties(tools["acme_list_books"]))
    assert '"enum": ["up", "down"]' in books
    assert "old" not in books
    assert properties(tools["acme_get_version"]) == {}


def test_other_fields_can_be_chosen() -> None:
    spec = compiled()["acme_get_book"]
    document = document_of(plan_of(spec), ["title", "shelf.name", "shelf.id"])
    assert document == "query book($id: ID!){book(id: $id){title shelf{name id}}}"
    assert "cover" not in str(properties(spec)["fields"]["description"])


def test_what_is_no_schema_is_refused() -> None:
    with pytest.raises(InvalidManifest, match="not a GraphQL schema"):
        compile_service(acme(), [("github:acme/api:schema.graphql", b"type {")])


@pytest.mark.slow
def test_every_document_of_linear_is_valid() -> None:
    manifest = Manifests.load().by_id["linear"]
    text = Sources(downloads(), mirror()).fetch(manifest.sources[0])
    built = compile_service(manifest, [(manifest.sources[0], text)])
    assert built.problems == ()
    assert len(built.specs) > 500
    schema = build_schema(text.decode(), assume_valid=True, no_location=True)
    invalid = {
        spec.name: found[0].message
        for spec in built.specs
        if (found := validate(schema, parse(document_of(plan_of(spec)))))
    }
    assert invalid == {}


@pytest.mark.parametrize("text", ["", "type Query {", "type Query { a: Nowhere }", "\0"])
def test_what_is_no_schema_is_refused_by_name(text: str) -> None:
    with pytest.raises(InvalidManifest, match=r"github:acme/api:schema\.graphql: not a GraphQL schema"):
        compile_service(acme(), [("github:acme/api:schema.graphql", text.encode())])
