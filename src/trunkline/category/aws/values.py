"""Arguments as JSON <-> values as botocore has them (bytes, times)."""

import base64
import binascii
from datetime import datetime
from typing import Any, cast

from botocore.model import ListShape, MapShape, Shape, StructureShape

from trunkline.category.encode import Json
from trunkline.contract import InvalidArguments


def parameters(arguments: dict[str, Json], shape: StructureShape) -> dict[str, Any]:
    """What botocore's serializers take. Raises InvalidArguments for what is not base64.

    Members that `shape` does not have stay as they are: botocore's validator names them.
    """
    body = shape.serialization.get("payload")
    return {
        name: _body(name, value) if name == body and _is_blob(shape, name) else _member(shape, name, value, name)
        for name, value in arguments.items()
    }


def _is_blob(shape: StructureShape, name: str) -> bool:
    return shape.members[name].type_name == "blob"


def _body(name: str, value: Json) -> bytes:
    """The whole body: a text, or bytes in base64."""
    if isinstance(value, dict):
        return _bytes(str(value.get("content_base64", "")), f"{name}.content_base64")
    return str(value).encode()


def _member(shape: StructureShape, name: str, value: Json, path: str) -> Any:
    member = shape.members.get(name)
    return value if member is None else _value(value, member, path)


def _value(value: Json, shape: Shape, path: str) -> Any:
    """`value` with each blob inside it decoded; where its kind is wrong, botocore's validator says so."""
    if isinstance(shape, StructureShape) and isinstance(value, dict):
        if shape.is_document_type:
            return value
        return {name: _member(shape, name, inner, f"{path}.{name}") for name, inner in value.items()}
    if isinstance(shape, ListShape) and isinstance(value, list):
        return [_value(item, shape.member, f"{path}[{place}]") for place, item in enumerate(value)]
    if isinstance(shape, MapShape) and isinstance(value, dict):
        return {name: _value(inner, shape.value, f"{path}.{name}") for name, inner in value.items()}
    if shape.type_name == "blob" and isinstance(value, str):
        return _bytes(value, path)
    return value


def _bytes(text: str, path: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise InvalidArguments(f"`{path}` is not base64") from None


def plain(value: Any) -> Json:
    """An answer's value as JSON has it: times in ISO 8601, bytes in base64, nulls left out."""
    if isinstance(value, dict):
        found = cast("dict[str, Any]", value)
        return {name: plain(inner) for name, inner in found.items() if inner is not None}
    if isinstance(value, list):
        return [plain(item) for item in cast("list[Any]", value)]
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    return value if isinstance(value, str | int | float) else str(value)


def content(value: Any) -> Json:
    """An answer's whole body: its text, or bytes in base64 as arguments have them."""
    if not isinstance(value, bytes):
        return plain(value)
    try:
        return value.decode()
    except UnicodeDecodeError:
        return {"content_base64": base64.b64encode(value).decode()}
