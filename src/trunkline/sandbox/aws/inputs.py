"""A request -> the parameters it was made of."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs

from botocore.awsrequest import HeadersDict
from botocore.model import ListShape, MapShape, Shape
from botocore.parsers import ResponseParserError, create_parser

from trunkline.sandbox.aws.forms import FormReader
from trunkline.sandbox.aws.routes import Found
from trunkline.sandbox.aws.scalars import scalar
from trunkline.sandbox.request import Request


class Unreadable(Exception):
    """The request's body or a value in it is not of its type."""


def parameters(request: Request, found: Found, protocol: str) -> dict[str, Any]:
    """Raises Unreadable."""
    shape: Any = found.operation.input_shape
    if shape is None:
        return {}
    try:
        if protocol in ("query", "ec2"):
            return FormReader(ec2=protocol == "ec2").read(request.body, shape)
        read = _read_as_answer(request, shape, protocol)
        if protocol.startswith("rest"):
            read |= _from_url(request, found, shape)
        return {name: value for name, value in read.items() if value is not None}
    except (ResponseParserError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise Unreadable(str(error)[:200]) from error


def _read_as_answer(request: Request, shape: Any, protocol: str) -> dict[str, Any]:
    """Headers and body, which parsers of answers read by the same rules."""
    payload: str | None = shape.serialization.get("payload")
    streams = payload is not None and shape.members[payload].type_name == "blob"
    answer: dict[str, Any] = {"status_code": 200, "headers": HeadersDict(request.headers), "context": {}}
    answer["body"] = _Stream() if streams else _chunked_off(request)
    read: dict[str, Any] = create_parser(protocol).parse(answer, shape)
    read.pop("ResponseMetadata", None)
    read = {name: value for name, value in read.items() if value != {} or not _is_header_map(shape.members[name])}
    if payload is not None and streams:
        read.pop(payload, None)
        return read | ({payload: _chunked_off(request)} if request.body else {})
    if payload is not None and not request.body:
        read.pop(payload, None)
    return read


class _Stream:
    """A body that is not to be looked into."""


def _is_header_map(shape: Shape) -> bool:
    return shape.serialization.get("location") == "headers"


def _chunked_off(request: Request) -> bytes:
    """The content of a body in `aws-chunked` encoding, with a checksum behind it; any other body as it is."""
    if "aws-chunked" not in request.headers.get("content-encoding", ""):
        return request.body
    size, _, rest = request.body.partition(b"\r\n")
    return rest[: int(size, 16)]


def _from_url(request: Request, found: Found, shape: Any) -> dict[str, Any]:
    """Members out of path and query."""
    sent = parse_qs(request.query, keep_blank_values=True)
    read: dict[str, Any] = {}
    template = str(found.operation.http["requestUri"])
    named = set(parse_qs(template.partition("?")[2], keep_blank_values=True))
    for name, member in shape.members.items():
        place: Mapping[str, Any] = member.serialization
        wire = place.get("name", name)
        if place.get("location") == "uri" and wire in found.path_values:
            read[name] = scalar(found.path_values[wire], member)
        if place.get("location") == "querystring" and wire in sent:
            named.add(wire)
            read[name] = _many(sent[wire], member)
    free = {name: values for name, values in sent.items() if name not in named}
    for name, member in shape.members.items():
        if member.serialization.get("location") == "querystring" and isinstance(member, MapShape) and free:
            read[name] = {key: _many(values, member.value) for key, values in free.items()}
    return read


def _many(texts: list[str], shape: Shape) -> Any:
    if isinstance(shape, ListShape):
        return [scalar(text, shape.member) for text in texts]
    return scalar(texts[0], shape)
