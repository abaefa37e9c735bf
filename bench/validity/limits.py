"""What Steady 0.22 cannot judge, or judges wrongly: each with its reason. The sandbox judges these instead."""

import re
from collections.abc import Sequence

from trunkline.sandbox.document import Node, RawOperation, is_array, is_object
from trunkline.sandbox.request import Request

_IN_FORM = {"X-Steady-Form-Object-Format": "brackets", "X-Steady-Form-Array-Format": "brackets"}
_IN_QUERY = {"X-Steady-Query-Array-Format": "brackets"}
_LIST = re.compile(r"%5B%5D=|%5B\d+%5D")
_IGNORED_HEADER = re.compile(r"E3004 header\.(?:Content-Type|Accept|Authorization):", re.IGNORECASE)
_OBJECT_IN_QUERY = re.compile(r"E30(?:08|10) query\.[^:]*: Expected type object, got string")
_OBJECT_IN_FORM = re.compile(r"E30(?:08|10) body\.[^:]*: Expected type (?:object|array), got string")
_CHOICE = re.compile(r"E3016 (?:path|query)\.([^:]+): ")
_MIXED = re.compile(r"/[^/{}]+\{|\}[^/{}]+(?:/|$)|\}\{")


def settings(operation: RawOperation, request: Request) -> dict[str, str]:
    """What Steady must be told, for it does not read it in the description: deepObject in forms, and of lists."""
    if "x-www-form-urlencoded" in request.content_type and b"%5B" in request.body:
        return _IN_FORM
    deep = any(each.get("in") == "query" and each.get("style") == "deepObject" for each in operation.parameters)
    return _IN_QUERY if deep and _LIST.search(request.query) else {}


def of_operations(operations: Sequence[RawOperation]) -> str:
    """Why Steady cannot judge any request for these operations, which share method and path; "" if it can."""
    if len(operations) > 1:
        return "of several operations that share method and path (`#`, `?`), Steady knows one"
    (operation,) = operations
    if operation.method in ("GET", "HEAD") and operation.node.get("requestBody"):
        return "Steady reads no body of a GET"
    if "?" in operation.template:
        return "Steady does not know a query inside a path"
    return ""


def of_refusal(refused: str, operation: RawOperation, request: Request) -> str:
    """Why a refusal is Steady's mistake; "" if it is not known to be one."""
    if refused.startswith("E2001") and _MIXED.search(operation.template):
        return "Steady does not match every path segment that is part text, part parameters"
    if _IGNORED_HEADER.match(refused):
        return "Steady asks for headers that OpenAPI ignores as parameters (Parameter Object, `in`)"
    if _OBJECT_IN_QUERY.match(refused):
        return "Steady reads no objects in the lists of a query, for which OpenAPI has no style"
    if "x-www-form-urlencoded" in request.content_type and _OBJECT_IN_FORM.match(refused):
        return "Steady reads no JSON in a form, which is what objects without a style are (Encoding Object)"
    choice = _CHOICE.match(refused)
    if choice and any(each.get("name") == choice[1] and _has_numbers(each) for each in operation.parameters):
        return "Steady finds the text of a parameter among no choices that are numbers"
    return ""


def _has_numbers(parameter: Node) -> bool:
    schema = parameter.get("schema")
    choices = schema.get("enum") if is_object(schema) else None
    return is_array(choices) and not all(isinstance(each, str) for each in choices)
