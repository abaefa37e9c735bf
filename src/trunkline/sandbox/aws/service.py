"""The judge of one AWS service: requests checked against its model, and answered from it.

A request is read into parameters, those are validated as botocore validates them, and written again by botocore: what
comes out must be what came in, so that nothing is lost, misnamed or misspelled.
"""

import json
import re
from collections.abc import Iterator
from functools import partial
from typing import Any
from urllib.parse import unquote, urlsplit

from botocore.awsrequest import create_request_object, prepare_request_dict
from botocore.exceptions import BotoCoreError
from botocore.model import OperationModel, ServiceModel
from botocore.serialize import create_serializer
from botocore.validate import ParamValidator

from trunkline.contract import InvalidManifest
from trunkline.sandbox.answer import Reply
from trunkline.sandbox.aws import outputs, signature
from trunkline.sandbox.aws.bodies import content
from trunkline.sandbox.aws.inputs import Unreadable, parameters
from trunkline.sandbox.aws.routes import Found, Router
from trunkline.sandbox.aws.samples import sample
from trunkline.sandbox.descriptions import Site, Texts
from trunkline.sandbox.judge import Judgement
from trunkline.sandbox.request import Request
from trunkline.sandbox.violation import Violation

_REGION = re.compile(r"(?:af|ap|ca|eu|il|me|mx|sa|us)-[a-z]+-\d")
_BUCKET_IN_HOST = re.compile(r"([a-z0-9-]+)\.s3\.[a-z0-9-]+\.amazonaws\.com")


class AwsService:
    """A `Judge`."""

    def __init__(self, site: Site, model: dict[str, Any]) -> None:
        self._site = site
        self._service = ServiceModel(model)
        self._protocol: str = self._service.resolved_protocol
        self._router = Router(self._service)

    @staticmethod
    def load(site: Site, texts: Texts) -> "AwsService":
        """Raises InvalidManifest if there is no service model among them."""
        files = {source.rpartition("/")[2].partition(".json")[0]: text for source, text in texts}
        if "service-2" not in files:
            raise InvalidManifest(f"{site.service}: no service model")
        corrections = json.loads(files.get("service-2.sdk-extras", b"{}")).get("merge", {})
        return AwsService(site, _merged(json.loads(files["service-2"]), corrections))

    def judge(self, request: Request) -> Judgement | Violation:
        bucket = _BUCKET_IN_HOST.fullmatch(request.host)
        path = f"/{bucket[1]}{request.path}" if bucket else request.path
        found = self._router.find(request, path)
        if found is None:
            return Violation("path", "", "route", f"an operation of {self._site.service}", request.method)
        operation = found.operation
        violations = tuple(self._violations(request, found, path))
        return Judgement(operation.name, violations, partial(self._answer, operation))

    def _violations(self, request: Request, found: Found, path: str) -> Iterator[Violation]:
        operation = found.operation
        if operation.auth_type != "none":
            yield from self._credential(request)
        try:
            given = parameters(request, found, self._protocol)
        except Unreadable as problem:
            yield Violation("body", "", "syntax", str(problem))
            return
        shape: Any = operation.input_shape
        if shape is not None:
            report = ParamValidator().validate(given, shape)
            if report.has_errors():
                yield Violation("body", "", "type", report.generate_report()[:500])
                return
        yield from self._differences(request, operation, given, path)

    def _credential(self, request: Request) -> Iterator[Violation]:
        if self._service.signature_version == "bearer":
            if not request.headers.get("authorization", "").startswith("Bearer "):
                yield Violation("header", "/Authorization", "credential", "a bearer token")
            return
        region = _REGION.search(request.host)
        yield from signature.faults(request, self._service.signing_name, region[0] if region else "")

    def _differences(
        self, request: Request, operation: OperationModel, given: dict[str, Any], path: str
    ) -> Iterator[Violation]:
        """What botocore writes of the same parameters otherwise than it was sent."""
        try:
            written: Any = create_serializer(self._protocol).serialize_to_request(given, operation)
        except BotoCoreError as error:
            yield Violation("body", "", "type", str(error)[:500])
            return
        prepare_request_dict(written, f"https://{request.host}")
        made: Any = create_request_object(written).prepare()
        url = urlsplit(str(made.url))
        if unquote(url.path).rstrip("/") != unquote(path).rstrip("/"):
            yield Violation("path", "", "unknown", "the path of its parameters")
        if sorted(url.query.split("&")) != sorted(request.query.split("&")):
            yield Violation("query", "", "unknown", "the query of its parameters")
        body = made.body.encode() if isinstance(made.body, str) else made.body or b""
        chunked = "aws-chunked" in request.headers.get("content-encoding", "")
        if not chunked and content(body, self._protocol) != content(request.body, self._protocol):
            yield Violation("body", "", "unknown", "the body of its parameters, and nothing else")

    def _answer(self, operation: OperationModel) -> Reply:
        shape: Any = operation.output_shape
        return outputs.reply(operation, sample(shape) or {} if shape is not None else {}, self._protocol)


def _merged(node: dict[str, Any], extra: dict[str, Any]) -> dict[str, Any]:
    """`node` with what botocore's authors correct in it."""
    inside = [key for key in extra if isinstance(extra[key], dict) and key in node]
    both = {key: _merged(node[key], extra[key]) for key in inside}
    return node | extra | both
