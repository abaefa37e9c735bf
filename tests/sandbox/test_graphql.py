"""The sandbox of a GraphQL service: it validates by the published schema and answers with made-up values."""

import json
from typing import Any

import pytest

from trunkline.contract import AuthKind, AuthScheme
from trunkline.sandbox.descriptions import Site
from trunkline.sandbox.graphql import GraphQlService
from trunkline.sandbox.judge import Judgement
from trunkline.sandbox.request import Request
from trunkline.sandbox.violation import Violation

SCHEMA = b"""
enum Kind { paper, film }
interface Node { id: ID! }
type Book implements Node { id: ID!, title: String!, pages: Int, kind: Kind, like: [Book!]! }
type Query { book(id: ID!): Book, node: Node }
"""
SITE = Site("acme", ("api.acme.test",), auth=(AuthScheme(AuthKind.BEARER),), kind="graphql")
GOOD = "query book($id: ID!){book(id: $id){id title pages kind like{title}}}"


def judged(query: str, variables: dict[str, Any] | None = None, **changes: Any) -> Judgement | Violation:
    service = GraphQlService.load(SITE, [("schema", SCHEMA)])
    body = json.dumps({"query": query, "variables": {"id": "7"} if variables is None else variables}).encode()
    fields: dict[str, Any] = {
        "method": "POST",
        "path": "/graphql",
        "headers": {"authorization": "Bearer x"},
        "body": body,
    }
    return service.judge(Request(host="api.acme.test", query="", **{**fields, **changes}))


def rules(found: Judgement | Violation) -> list[str]:
    return [each.rule for each in found.violations] if isinstance(found, Judgement) else [found.rule]


def test_a_valid_document_is_answered_with_values_of_the_schemas_types() -> None:
    found = judged(GOOD)
    assert isinstance(found, Judgement)
    assert (found.operation, found.violations) == ("query book", ())
    assert json.loads(found.answer().body) == {
        "data": {
            "book": {
                "id": "11111111-1111-4111-8111-111111111111",
                "title": "a title",
                "pages": 1,
                "kind": "paper",
                "like": [{"title": "a title"}],
            }
        }
    }


def test_an_interface_is_answered_with_one_of_its_types() -> None:
    found = judged("{node{__typename id}}", {})
    assert isinstance(found, Judgement)
    assert json.loads(found.answer().body)["data"]["node"]["__typename"] == "Book"


@pytest.mark.parametrize(
    ("query", "variables", "rule"),
    [
        ("query book($id: ID!){book(id: $id){colour}}", None, "document"),
        ("query book{book{title}}", None, "document"),
        ("query book($id: Int!){book(id: $id){title}}", {"id": 1}, "document"),
        (GOOD, {}, "type"),
        (GOOD, {"id": {"a": 1}}, "type"),
        ("query {", None, "syntax"),
    ],
)
def test_a_wrong_document_or_variable_is_rejected(query: str, variables: dict[str, Any] | None, rule: str) -> None:
    assert rules(judged(query, variables)) == [rule]


def test_place_method_credential_and_body_are_checked() -> None:
    assert rules(judged(GOOD, path="/other")) == ["route"]
    assert rules(judged(GOOD, method="GET")) == ["method"]
    assert rules(judged(GOOD, headers={})) == ["credential"]
    assert rules(judged(GOOD, body=b"no JSON")) == ["syntax"]
    assert rules(judged(GOOD, body=b"[]")) == ["syntax"]
