"""Signature Version 4, put on a request whose body is final."""

from datetime import datetime
from typing import Any, Final

from botocore.auth import S3SigV4Auth, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from trunkline.contract import AuthKind, Credential, CredentialRejected

_TIME: Final = "%Y%m%dT%H%M%SZ"
# Services whose paths and bodies count as they are.
_S3: Final = frozenset(("s3", "s3-outposts", "s3-object-lambda", "s3express"))


def sign(request: AWSRequest, credential: Credential, service: str, region: str, now: datetime) -> None:
    """Adds the headers that prove who asks. `now` is in UTC. Raises CredentialRejected for another kind."""
    values = credential.values
    if credential.scheme.kind is AuthKind.BEARER:
        request.headers["Authorization"] = f"Bearer {values['token']}"
        return
    if not {"access_key_id", "secret_access_key"} <= values.keys():
        raise CredentialRejected("the stored credential is no access key of AWS")
    keys = Credentials(values["access_key_id"], values["secret_access_key"], values.get("session_token"))
    signer = S3SigV4Auth if service in _S3 else SigV4Auth
    _sign_at(signer(keys, service, region), request, now)


def _sign_at(signer: Any, request: Any, now: datetime) -> None:
    """What `signer.add_auth` does, at a time that is given."""
    request.context["timestamp"] = now.strftime(_TIME)
    signer._modify_request_before_signing(request)
    text = signer.string_to_sign(request, signer.canonical_request(request))
    signer._inject_signature_to_request(request, signer.signature(text, request))
