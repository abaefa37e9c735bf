"""Is a request signed as Signature Version 4 asks?

The secret is not known here, so the digits of the signature are not judged.
"""

import hashlib
import re
from collections.abc import Iterator

from trunkline.sandbox.request import Request
from trunkline.sandbox.violation import Violation

_FORM = re.compile(
    r"AWS4-HMAC-SHA256 Credential=([^/,\s]+)/(\d{8})/([a-z0-9-]+)/([A-Za-z0-9-]+)/aws4_request, "
    r"SignedHeaders=([a-z0-9;-]+), Signature=[0-9a-f]{64}"
)
_AUTHORIZATION = "/Authorization"
_UNSIGNED = "UNSIGNED-PAYLOAD"


def faults(request: Request, service: str, region: str) -> Iterator[Violation]:
    """What is wrong with it. `service` and `region` are those of the scope; an empty region may be any."""
    found = _FORM.fullmatch(request.headers.get("authorization", ""))
    if found is None:
        yield Violation("header", _AUTHORIZATION, "credential", "a signature of version 4")
        return
    _, day, signed_region, signed_service, names = found.groups()
    if signed_service != service or (region and signed_region != region):
        yield Violation("header", _AUTHORIZATION, "credential", f"a scope of {service} in {region or 'a region'}")
    if not request.headers.get("x-amz-date", "").startswith(day):
        yield Violation("header", "/X-Amz-Date", "credential", "the day of the signature's scope")
    missing = {"host", *(name for name in request.headers if name.startswith("x-amz-"))} - set(names.split(";"))
    missing.discard("x-amzn-trace-id")
    if missing:
        yield Violation("header", _AUTHORIZATION, "credential", f"signed headers {', '.join(sorted(missing))}")
    digest = request.headers.get("x-amz-content-sha256", _UNSIGNED)
    if not digest.startswith(("UNSIGNED", "STREAMING")) and digest != hashlib.sha256(request.body).hexdigest():
        yield Violation("header", "/X-Amz-Content-SHA256", "credential", "the digest of the body")
