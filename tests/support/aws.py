"""What a real client of botocore would send, caught before it is sent; and our own tools for the same operations."""

import json
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

import orjson
from botocore import handlers
from botocore.awsrequest import AWSResponse, HeadersDict
from botocore.config import Config
from botocore.exceptions import ClientError
from botocore.session import Session

from tests.support.folders import downloads, mirror
from trunkline.catalog.manifest import Manifest
from trunkline.catalog.manifests import Manifests
from trunkline.catalog.sources import Sources
from trunkline.category.aws.operation import Operation
from trunkline.category.request import Request
from trunkline.compiler.service import compile_service
from trunkline.contract import AuthKind, AuthScheme, AwsPlan, Credential, ToolSpec
from trunkline.sandbox.dialect import Dialect
from trunkline.sandbox.document import Document
from trunkline.sandbox.generate import Generator

REGION = "eu-west-1"
KEY = {"access_key_id": "AKIDEXAMPLE", "secret_access_key": "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"}
CREDENTIAL = Credential(AuthScheme(AuthKind.SIGV4), KEY)
TOKEN = "00000000-0000-4000-8000-000000000000"  # against repetition: botocore's and ours are made up by chance
MANIFESTS = {name: each for name, each in Manifests.load().by_id.items() if each.kind == "aws"}
BEARER = Credential(AuthScheme(AuthKind.BEARER), {"token": "made-up"})
_XML = b"<LocationConstraint>eu-west-1</LocationConstraint>"
_EMPTY_CBOR = b"\xa0"
_TELEMETRY = ("user-agent", "content-length", "transfer-encoding", "expect")  # never signed


@dataclass(frozen=True)
class Sent:
    """A request, as far as a service can tell two apart."""

    method: str
    url: str
    headers: dict[str, str]
    body: bytes

    @property
    def at(self) -> datetime:
        """When it was signed."""
        date = self.headers.get("x-amz-date")
        return datetime.strptime(date, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC) if date else datetime.now(UTC)


def sent(request: Request) -> Sent:
    return Sent(request.method, request.url, _comparable(request.headers), request.body or b"")


def specs(manifest: Manifest) -> list[ToolSpec]:
    """The tools of a service, out of the pinned model."""
    sources = Sources(downloads(), mirror())
    return list(compile_service(manifest, [(each, sources.fetch(each)) for each in manifest.sources]).specs)


def plan_of(spec: ToolSpec) -> AwsPlan:
    assert isinstance(spec.plan, AwsPlan)
    return spec.plan


def arguments(spec: ToolSpec, *, lean: bool) -> dict[str, Any]:
    """Arguments made up from the tool's own schema: the required ones only, or all."""
    root = Document({"openapi": "3.1.0", **orjson.loads(spec.input_schema)})
    made = Generator(Dialect(root), skip="readOnly").value(root.root, lean=lean)
    return json.loads(orjson.dumps(made))


class Client:
    """A client of botocore that sends nothing. `name` is botocore's: s3, sesv2."""

    def __init__(self, name: str) -> None:
        session = Session()
        session.unregister("request-created", handlers.add_retry_headers)  # a random id, and signed
        self._client: Any = session.create_client(  # pyright: ignore[reportCallIssue, reportUnknownMemberType]
            name,  # pyright: ignore[reportArgumentType]
            region_name=REGION,
            aws_access_key_id=KEY["access_key_id"],
            aws_secret_access_key=KEY["secret_access_key"],
            config=Config(
                request_checksum_calculation="when_required",
                response_checksum_validation="when_required",
                account_id_endpoint_mode="disabled",
                retries={"max_attempts": 0},
            ),
        )
        self._caught: list[Any] = []
        self._client.meta.events.register("before-send", self._catch)

    @cached_property
    def _methods(self) -> dict[str, str]:
        return {name: method for method, name in self._client.meta.method_to_api_mapping.items()}

    def offers(self, operation: str) -> bool:
        return operation in self._methods

    def send(self, operation: str, given: dict[str, Any]) -> Sent:
        """Raises what botocore raises for parameters it does not take."""
        self._caught.clear()
        with suppress(ClientError):  # the answer is made up: 500
            getattr(self._client, self._methods[operation])(**given)
        request = self._caught[-1]
        return Sent(request.method, request.url, _comparable(request.headers), _read(request.body))

    def _catch(self, request: Any, **_: Any) -> AWSResponse:
        self._caught.append(request)
        headers: Any = HeadersDict()
        return AWSResponse(
            request.url, 500, headers, _Body(_EMPTY_CBOR if "smithy-protocol" in request.headers else _XML)
        )


class _Body:
    def __init__(self, data: bytes) -> None:
        self._data = data

    def stream(self) -> list[bytes]:
        return [self._data]


def _comparable(headers: Any) -> dict[str, str]:
    texts = {name.lower(): value.decode() if isinstance(value, bytes) else value for name, value in headers.items()}
    return {name: text for name, text in texts.items() if name not in _TELEMETRY}


def _read(body: Any) -> bytes:
    if hasattr(body, "read"):
        body.seek(0)
        return body.read()
    return body.encode() if isinstance(body, str) else body or b""


def operation_of(spec: ToolSpec) -> Operation:
    return Operation(plan_of(spec))
