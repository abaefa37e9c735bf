"""How an operation gives its further pages, as botocore's paginators say it (`paginators-1.json`)."""

import re
from typing import Any

from trunkline.compiler.aws.model import Model
from trunkline.compiler.node import is_list
from trunkline.contract import Paging, PagingStrategy

_LAST = re.compile(r"\[-1\]")


def paging(model: Model, operation: str) -> Paging | None:
    """None where there is one page, or where the paginator says it in a way that a pointer cannot."""
    found = model.pagination.get(operation)
    if found is None:
        return None
    send, following = _listed(found.get("input_token")), _listed(found.get("output_token"))
    pointers = tuple(_pointers(path) for path in following)
    if not send or len(send) != len(pointers) or not all(pointers):
        return None
    items = _listed(found.get("result_key"))
    return Paging(
        PagingStrategy.CURSOR,
        send=tuple(send),
        next=pointers,
        items=_pointers(items[0]) if len(items) == 1 else None,
        more=_pointers(str(found.get("more_results") or "")),
        size=str(found.get("limit_key") or ""),
    )


def _listed(value: Any) -> list[str]:
    return [str(each) for each in value] if is_list(value) else [str(value)] if value else []


def _pointers(path: str) -> str:
    """`NextMarker || Contents[-1].Key` (JMESPath) as `/NextMarker || /Contents/-1/Key`; "" for what is no such path."""
    steps = [_LAST.sub(".-1", choice.strip()) for choice in path.split("||")] if path else []
    if not all(re.fullmatch(r"[\w.-]+", step) for step in steps):
        return ""
    return " || ".join("/" + step.replace(".", "/") for step in steps)
