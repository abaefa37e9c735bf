"""One operation of AWS: arguments -> signed request, answer -> outcome."""

import json
import re
import zlib
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import urlsplit

import msgspec
from botocore.awsrequest import AWSRequest, AWSResponse, HeadersDict, create_request_object, prepare_request_dict
from botocore.config import Config
from botocore.exceptions import BotoCoreError
from botocore.httpchecksum import apply_request_checksum, resolve_checksum_context
from botocore.model import ServiceModel
from botocore.parsers import ResponseParserError, create_parser
from botocore.serialize import create_serializer

from trunkline.category.aws.customizations import emitter, event
from trunkline.category.aws.signing import sign
from trunkline.category.aws.values import content, parameters, plain
from trunkline.category.encode import Json
from trunkline.category.request import Request
from trunkline.category.upstream import Answer
from trunkline.contract import AwsPlan, Credential, InvalidArguments, UpstreamFailed

# Checksums where a service insists on them; botocore's other default sends them in a trailer, which needs chunks.
_CONFIG: Final = Config(request_checksum_calculation="when_required", response_checksum_validation="when_required")
_EVENTS: Final = emitter()
_DOT_SEGMENT: Final = re.compile(r"/(?:\.|%2e){1,2}(?:/|$)", re.IGNORECASE)
_IN_HOST: Final = re.compile(r"[a-z0-9][a-z0-9-]{1,61}[a-z0-9]")  # a bucket whose name is one label of a host
_OURS: Final = frozenset(("content-length", "transfer-encoding", "host", "user-agent"))

Context = dict[str, Any]
"""What the steps of one call tell one another."""


class Outcome(msgspec.Struct, frozen=True):
    """`value` of a good answer; `code` and `message` of another."""

    status: int
    value: Json = None
    code: str = ""
    message: str = ""


class Operation:
    """Made of an `AwsPlan`. Safe to share between calls."""

    def __init__(self, plan: AwsPlan) -> None:
        self._plan = plan
        service = ServiceModel(json.loads(zlib.decompress(plan.model)))
        self._model = service.operation_model(plan.operation)
        self.input_shape: Any = self._model.input_shape
        self._output: Any = self._model.output_shape
        self._serializer = create_serializer(service.resolved_protocol)
        self._parser = create_parser(service.resolved_protocol)

    def request(
        self, arguments: dict[str, Json], region: str, credential: Credential | None, now: datetime | None = None
    ) -> tuple[Request, Context]:
        """The request, signed at `now` (by default: now), and what `outcome` wants to know of it.

        Raises InvalidArguments, CredentialRejected.
        """
        context: Context = {
            "client_config": _CONFIG,
            "client_region": region,
            "has_streaming_input": self._model.has_streaming_input,
            "payload_signing_enabled": not self._model.unsigned_payload,
        }
        made = self._built(arguments, region, context)
        if credential is not None and self._model.auth_type != "none":
            where = self._plan.signing_region or region
            sign(made, credential, self._plan.signing_name, where, now or datetime.now(UTC))
        return _checked(made), context

    def outcome(self, answer: Answer, context: Context) -> Outcome:
        """What the answer says, without what is about the answer itself. Raises UpstreamFailed."""
        response, extra = self._response(answer), dict[str, Any]()
        self._emit("before-parse", operation_model=self._model, response_dict=response, customized_response_dict=extra)
        try:
            parsed = self._parser.parse(response, self._output)
        except (ResponseParserError, ValueError) as error:  # the latter: a time that is none
            raise UpstreamFailed(f"the answer cannot be read: {str(error)[:200]}") from None
        parsed |= extra
        http = AWSResponse("", answer.status, response["headers"], _Raw(answer.body))
        self._emit("after-call", http_response=http, parsed=parsed, model=self._model, context=context)
        status = int(response["status_code"])
        if status >= 300:
            error = parsed.get("Error", {})
            return Outcome(status, None, str(error.get("Code", "")), str(error.get("Message", "")))
        return Outcome(status, self._plain(parsed))

    def _response(self, answer: Answer) -> dict[str, Any]:
        """As botocore's parsers take it: bytes that are the whole answer as a stream, which they leave alone."""
        streams = answer.status < 300 and self._model.has_streaming_output
        return {
            "headers": HeadersDict(answer.headers),
            "status_code": answer.status,
            "body": _Raw(answer.body) if streams else answer.body,
            "context": {"operation_name": self._model.name},
        }

    def _plain(self, parsed: dict[str, Any]) -> Json:
        body = self._output.serialization.get("payload") if self._output is not None else None
        kept = {name: value for name, value in parsed.items() if name != "ResponseMetadata" and value is not None}
        return {name: _content(value) if name == body else plain(value) for name, value in kept.items()}

    def _built(self, arguments: dict[str, Json], region: str, context: Context) -> AWSRequest:
        """As a client of botocore builds it, up to the signature."""
        given = parameters(arguments, self.input_shape) if self.input_shape is not None else {}
        try:
            self._emit("before-parameter-build", params=given, model=self._model, context=context)
            request: Any = self._serializer.serialize_to_request(given, self._model)
            prepare_request_dict(request, self._endpoint(given, region), context=context)
            resolve_checksum_context(request, self._model, given)
            self._emit("before-call", model=self._model, params=request, context=context)
            apply_request_checksum(request)
        except BotoCoreError as error:
            raise InvalidArguments(str(error)) from None
        if hasattr(request["body"], "read"):  # with its checksum behind it
            request["body"] = request["body"].read()
        made = create_request_object(request)
        self._emit("request-created", request=made, operation_name=self._model.name)
        return made

    def _endpoint(self, given: dict[str, Any], region: str) -> str:
        host = self._plan.host.replace("{region}", region)
        bucket = str(given.get("Bucket", "")) if self._model.service_model.service_id == "S3" else ""
        if bucket.startswith("arn:") or bucket.endswith("--x-s3"):
            raise InvalidArguments("`Bucket`: ARNs and directory buckets are not served", _ALIAS)
        if bucket and _IN_HOST.fullmatch(bucket):
            return f"https://{bucket}.{host}"
        return f"https://{host}/{bucket}" if bucket else f"https://{host}{self._plan.path}"

    def _emit(self, stage: str, **facts: Any) -> None:
        _EVENTS.emit(event(stage, self._model), **facts)


_ALIAS: Final = "An access point is named by its alias."


class _Raw:
    """A body that is here already, where botocore expects one that is still to be read."""

    def __init__(self, body: bytes) -> None:
        self.body = body

    def stream(self) -> list[bytes]:
        return [self.body]


def _content(value: Any) -> Json:
    return content(value.body if isinstance(value, _Raw) else value)


def _checked(made: AWSRequest) -> Request:
    """Raises InvalidArguments for a path that would mean another operation."""
    prepared = made.prepare()
    url = urlsplit(prepared.url)
    if _DOT_SEGMENT.search(url.path):
        raise InvalidArguments("no part of the path may be `.` or `..`")
    headers = {name: _text(value) for name, value in prepared.headers.items() if name.lower() not in _OURS}
    return Request(prepared.method, url.scheme, url.netloc, url.path or "/", url.query, headers, _bytes(prepared.body))


def _text(value: str | bytes) -> str:
    text = value.decode() if isinstance(value, bytes) else str(value)
    if not text.isprintable():
        raise InvalidArguments("what goes into a header must stand on one line")
    return text


def _bytes(body: Any) -> bytes | None:
    return body.encode() if isinstance(body, str) else body or None
