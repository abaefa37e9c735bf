"""Executes a `GraphQlPlan`: its document and the arguments as variables, in one POST."""

from typing import Any, Final, cast

import msgspec

from trunkline.category.encode import Json
from trunkline.category.executor import Means
from trunkline.category.http import HttpExecutor
from trunkline.category.request import Request
from trunkline.category.upstream import Answer
from trunkline.contract import (
    AuthScheme,
    Body,
    BodyField,
    CredentialRejected,
    Fault,
    GraphQlPlan,
    Plan,
    Service,
    ToolSpec,
    UpstreamFailed,
    UpstreamUnavailable,
)

FIELDS: Final = "fields"
_BODY: Final = Body(
    "application/json", (BodyField("query", "query"), BodyField("variables", "variables")), required=True
)
_MOST_ERRORS: Final = 3
_LONGEST: Final = 300
_HINT: Final = "Correct the arguments: describe_tools has the exact schema."


class GraphQlExecutor(HttpExecutor):
    """An `Executor`."""

    def __init__(self, service: Service, spec: ToolSpec, plan: GraphQlPlan, means: Means) -> None:
        super().__init__(service, spec, Plan("POST", plan.path, body=_BODY), means)
        self._graphql = plan
        self.arguments = frozenset((*plan.arguments, FIELDS) if plan.choice else plan.arguments)

    def request(self, arguments: dict[str, Json], variables: dict[str, str], scheme: AuthScheme | None) -> Request:
        given = {name: value for name, value in arguments.items() if name != FIELDS or not self._graphql.choice}
        document = document_of(self._graphql, arguments.get(FIELDS) if self._graphql.choice else None)
        return super().request({"query": document, "variables": given}, variables, scheme)

    def understood(self, answer: Answer) -> Answer:
        """The answer's data. Raises the fault that its errors stand for."""
        found = msgspec.json.decode(answer.body, type=_Answer)
        value = (found.data or {}).get(self._graphql.root)
        if found.errors and (value is None or bytes(value) == b"null"):
            raise _fault(found.errors, self._service.title)
        return msgspec.structs.replace(answer, body=bytes(value or b"null"))


def document_of(plan: GraphQlPlan, fields: Json = None) -> str:
    """The document, with the usual fields or those that were chosen. Their names fit the tool's schema."""
    chosen = _chosen(cast("list[str]", fields)) if isinstance(fields, list) and fields else plan.chosen
    return plan.before + chosen + plan.after


def _chosen(names: list[str]) -> str:
    tree: dict[str, Any] = {}
    for name in names:
        node = tree
        for step in name.split("."):
            node = node.setdefault(step, {})
    return _text(tree)


def _text(tree: dict[str, Any]) -> str:
    return " ".join(f"{name}{{{_text(inner)}}}" if inner else name for name, inner in tree.items())


class _Error(msgspec.Struct):
    message: str = "an error without a message"
    extensions: dict[str, Any] = {}


class _Answer(msgspec.Struct):
    """GraphQL specification, section 7.1."""

    data: dict[str, msgspec.Raw] | None = None
    errors: tuple[_Error, ...] = ()


def _fault(errors: tuple[_Error, ...], title: str) -> Fault:
    said = "; ".join(dict.fromkeys(_said(error) for error in errors[:_MOST_ERRORS]))
    codes = " ".join(str(error.extensions.get(key, "")) for error in errors for key in ("code", "type")).upper()
    text = f"{title}: {said}"
    if "AUTHENTICATION" in codes or "UNAUTHENTICATED" in codes:
        return CredentialRejected(text)
    if "RATELIMIT" in codes or "RATE_LIMIT" in codes:
        return UpstreamUnavailable(text, "Wait a little, then call again.")
    return UpstreamFailed(text, _HINT)


def _said(error: _Error) -> str:
    better = error.extensions.get("userPresentableMessage")
    return f"{error.message} ({better})"[:_LONGEST] if isinstance(better, str) else error.message[:_LONGEST]
