"""Documents as models write and read them: MongoDB Extended JSON (relaxed), and what a sample of them looks like."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any, Final, cast

import msgspec
from bson import json_util
from bson.json_util import RELAXED_JSON_OPTIONS

from trunkline.contract import InvalidArguments

Document = dict[str, Any]
_DEEPEST: Final = 4
_WRITING_STAGES: Final = ("$out", "$merge")
_BSON_NAMES: Final[Mapping[str, str]] = {
    "str": "string", "int": "int", "Int64": "long", "float": "double", "bool": "bool", "datetime": "date",
    "ObjectId": "objectId", "NoneType": "null", "dict": "object", "list": "array", "Decimal128": "decimal",
    "bytes": "binary", "Binary": "binary", "UUID": "uuid", "Regex": "regex", "Timestamp": "timestamp",
}  # fmt: skip


def from_json(value: Any) -> Any:
    """`value` with Extended JSON read: {"$oid": …}, {"$date": …}, {"$numberLong": …}. Raises BSONError, ValueError."""
    try:
        return json_util.loads(msgspec.json.encode(value).decode(), json_options=RELAXED_JSON_OPTIONS)
    except (ValueError, TypeError) as error:
        raise InvalidArguments(f"not Extended JSON: {error}", 'A date is {"$date": "2026-01-31T00:00:00Z"}.') from None


def to_json(value: Any) -> msgspec.Raw:
    """`value` as Extended JSON, which `from_json` reads again."""
    return msgspec.Raw(json_util.dumps(value, json_options=RELAXED_JSON_OPTIONS).encode())


def reading_pipeline(pipeline: Sequence[Document]) -> list[Document]:
    """The pipeline, read. Raises InvalidArguments if it would write."""
    for stage in pipeline:
        writing = next((name for name in _WRITING_STAGES if name in stage), None)
        if writing is not None:
            raise InvalidArguments(f"this tool only reads: {writing} would write", "Leave the stage out.")
    return [from_json(stage) for stage in pipeline]


def schema_of(documents: Iterable[Document]) -> dict[str, Any]:
    """Per field (dotted, `[]` for the items of an array): its types and in what share of the documents it stands."""
    types: dict[str, Counter[str]] = {}
    total = 0
    for document in documents:
        total += 1
        seen: set[tuple[str, str]] = set()
        _look(document, "", seen, _DEEPEST)
        for path, kind in seen:
            types.setdefault(path, Counter())[kind] += 1
    fields = {
        path: {"types": sorted(kinds), "percent": _percent(kinds, total)} for path, kinds in sorted(types.items())
    }
    return {"sampled": total, "fields": fields}


def _look(value: Any, path: str, seen: set[tuple[str, str]], left: int) -> None:
    if path:
        name = type(cast("object", value)).__name__
        seen.add((path, _BSON_NAMES.get(name, name)))
    if not left:
        return
    if isinstance(value, dict):
        for name, inner in cast("Document", value).items():
            _look(inner, f"{path}.{name}" if path else name, seen, left - 1)
    elif isinstance(value, list):
        for item in cast("list[Any]", value)[:20]:
            _look(item, f"{path}[]", seen, left - 1)


def _percent(kinds: Counter[str], total: int) -> float:
    return round(min(100.0, 100.0 * sum(kinds.values()) / total), 1)


Filter = Annotated[Document, "A query document, in Extended JSON"]
