"""Where an operation is served, out of the service's endpoint rules: a host with a hole for the region.

The rules are evaluated here, for the partition `aws` (the commercial regions), so that no server needs them. China and
GovCloud are other partitions, with accounts of their own.
"""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from botocore.endpoint_provider import EndpointProvider
from botocore.exceptions import BotoCoreError

from trunkline.compiler.aws.model import Model
from trunkline.compiler.document import BrokenDescription
from trunkline.compiler.node import Node, child, nodes

_REGIONS = ("eu-west-1", "ap-southeast-2")
_BUILT_IN: dict[str, object] = {
    "AWS::UseFIPS": False, "AWS::UseDualStack": False, "AWS::S3::UseGlobalEndpoint": False,
    "AWS::S3::UseArnRegion": False, "AWS::S3::Accelerate": False, "AWS::S3::ForcePathStyle": False,
    "AWS::S3::DisableMultiRegionAccessPoints": True, "AWS::STS::UseGlobalEndpoint": False,
    "AWS::S3Control::UseArnRegion": False, "AWS::Auth::AccountIdEndpointMode": "disabled",
}  # fmt: skip
# The account stands in the model's host prefix already; directory buckets are not served.
_IGNORED = frozenset(("RequiresAccountId", "UseS3ExpressControlEndpoint"))


@dataclass(frozen=True)
class Endpoint:
    """`host` and `path` may hold `{region}`; `signing_region` is "" where it is the connection's."""

    host: str
    path: str
    signing_name: str
    signing_region: str


class Endpoints:
    """The endpoints of one service; each set of constants in its operations is evaluated once."""

    def __init__(self, model: Model) -> None:
        self._model = model
        self._provider = EndpointProvider(model.rules, model.partitions)
        self._known: dict[str, Endpoint] = {}

    def of(self, operation: Node) -> Endpoint:
        """Raises BrokenDescription if the rules have no answer, or none that one template can hold."""
        given = nodes(operation, "staticContextParams").items()
        constants = {name: value.get("value") for name, value in given if name not in _IGNORED}
        key = repr(sorted(constants.items()))
        if key not in self._known:
            self._known[key] = self._resolve(constants)
        return self._known[key]

    def _resolve(self, constants: Node) -> Endpoint:
        found = {region: self._evaluate(region, constants) for region in _REGIONS}
        templates = {_with_hole(endpoint, region) for region, endpoint in found.items()}
        if len(templates) != 1:
            raise BrokenDescription("its endpoint is not the same in every region")
        return templates.pop()

    def _evaluate(self, region: str, constants: Node) -> Endpoint:
        given = self._defaults() | {"Region": region} | constants
        try:
            endpoint = self._provider.resolve_endpoint(**given)
        except BotoCoreError as error:
            raise BrokenDescription(f"its endpoint cannot be told: {error}") from error
        url = urlsplit(endpoint.url)
        scheme = _sigv4(endpoint.properties.get("authSchemes"))
        metadata = self._model.metadata
        name = scheme.get("signingName") or metadata.get("signingName") or metadata["endpointPrefix"]
        return Endpoint(url.netloc, url.path.rstrip("/"), str(name), str(scheme.get("signingRegion", region)))

    def _defaults(self) -> Node:
        declared = child(self._model.rules, "parameters")
        values = {name: node["default"] for name, node in declared.items() if "default" in node}
        built_in = {name: _BUILT_IN.get(str(node.get("builtIn"))) for name, node in declared.items()}
        return values | {name: value for name, value in built_in.items() if value is not None}


def _sigv4(schemes: Any) -> Node:
    found: list[Node] = [scheme for scheme in schemes or () if scheme["name"] == "sigv4"]
    return found[0] if found else {}


def _with_hole(endpoint: Endpoint, region: str) -> Endpoint:
    return Endpoint(
        endpoint.host.replace(region, "{region}"),
        endpoint.path.replace(region, "{region}"),
        endpoint.signing_name,
        "" if endpoint.signing_region == region else endpoint.signing_region,
    )
