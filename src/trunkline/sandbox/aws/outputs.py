"""A value of an operation's output -> the answer that says it."""

import json
from datetime import datetime
from email.utils import format_datetime
from typing import Any, cast
from xml.etree import ElementTree

from botocore.model import OperationModel, Shape
from botocore.serialize import JSONSerializer, RestXMLSerializer, RpcV2CBORSerializer

from trunkline.sandbox.answer import Reply

_HEADERS = ("header", "headers", "statusCode")


def reply(operation: OperationModel, value: dict[str, Any], protocol: str) -> Reply:
    """`value` has the shape of the operation's output."""
    shape: Any = operation.output_shape
    status = int(operation.http.get("responseCode", 200))
    if shape is None:
        return Reply(status, {}, _empty(operation, protocol))
    headers = {name: text for name, member in shape.members.items() for name, text in _header(name, member, value)}
    inside = {name: each for name, each in value.items() if _place(shape.members[name]) not in _HEADERS}
    kind, body = _body(operation, shape, inside, protocol)
    return Reply(status, {**headers, "Content-Type": kind}, body)


def _empty(operation: OperationModel, protocol: str) -> bytes:
    return f"<{operation.name}Response/>".encode() if protocol in ("query", "ec2") else b""


def _place(shape: Shape) -> str:
    return str(shape.serialization.get("location", ""))


def _header(name: str, member: Shape, value: dict[str, Any]) -> list[tuple[str, str]]:
    wire = str(member.serialization.get("name", name))
    if name not in value:
        return []
    if _place(member) == "headers":
        return [(wire + key, str(text)) for key, text in value[name].items()]
    return [(wire, _text(value[name], member))] if _place(member) == "header" else []


def _text(value: Any, shape: Shape) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, datetime):
        as_iso = str(shape.serialization.get("timestampFormat", "")).lower() == "iso8601"
        return value.isoformat() if as_iso else format_datetime(value, usegmt=True)
    return ",".join(map(str, cast("list[Any]", value))) if isinstance(value, list) else str(value)


def _body(operation: OperationModel, shape: Any, value: dict[str, Any], protocol: str) -> tuple[str, bytes]:
    payload = shape.serialization.get("payload") if protocol.startswith("rest") else None
    if payload is not None:
        return _payload(shape.members[payload], value.get(payload), payload, protocol)
    if protocol == "smithy-rpc-v2-cbor":
        return "application/cbor", _cbor(value, shape)
    if protocol in ("json", "rest-json"):
        return "application/json", _json(value, shape)
    name = operation.name
    root = _xml(value, shape, shape.serialization.get("resultWrapper", f"{name}Response"))
    if "resultWrapper" in shape.serialization:
        outer = ElementTree.Element(f"{name}Response")
        outer.append(root)
        root = outer
    return "text/xml", ElementTree.tostring(root)


def _payload(member: Any, value: Any, name: str, protocol: str) -> tuple[str, bytes]:
    if isinstance(value, bytes | str):
        return "application/octet-stream", value if isinstance(value, bytes) else value.encode()
    if value is None:
        return "application/octet-stream", b""
    if protocol == "rest-json":
        return "application/json", _json(value, member)
    return "text/xml", ElementTree.tostring(_xml(value, member, member.serialization.get("name", name)))


def _json(value: Any, shape: Any) -> bytes:
    out: dict[str, Any] = {}
    serializer: Any = JSONSerializer()
    serializer._serialize(out, value, shape, "value")
    return json.dumps(out["value"]).encode()


def _cbor(value: Any, shape: Any) -> bytes:
    out = bytearray()
    serializer: Any = RpcV2CBORSerializer()
    serializer._serialize_data_item(out, value, shape)
    return bytes(out)


def _xml(value: Any, shape: Any, name: str) -> ElementTree.Element:
    parent = ElementTree.Element("")
    serializer: Any = RestXMLSerializer()
    serializer._serialize(shape, value, parent, name)
    return next(iter(parent))
