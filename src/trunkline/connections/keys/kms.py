"""AWS KMS as key provider (https://docs.aws.amazon.com/kms/latest/APIReference): Encrypt and Decrypt.

The key never leaves it. The role needs kms:Encrypt and kms:Decrypt; the encryption context names organization and
version, so a policy can restrict it to them. Credentials are those of the machine (environment, profile, role).

botocore is not asynchronous: each request takes a thread for as long as it lasts, at most a few seconds.
"""

import asyncio
from collections.abc import Callable, Set
from typing import Any, Final, Protocol

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from botocore.session import Session

from trunkline.connections.keys import Binding, Wrapped, sealed
from trunkline.contract import Fault, Internal

SCHEME: Final = "kms"
_SECONDS: Final = 3
_TAMPERED: Final = frozenset({"InvalidCiphertextException", "IncorrectKeyException"})
_REASONS: Final = {
    "DisabledException": "the key is disabled",
    "KMSInvalidStateException": "the key is disabled or about to be deleted",
    "KeyUnavailableException": "the key is not available now",
    "NotFoundException": "there is no such key",
    "AccessDeniedException": "access is denied",
    "UnrecognizedClientException": "the credentials are not valid",
    "ExpiredTokenException": "the credentials have expired",
    "ThrottlingException": "it is asked too often",
    "LimitExceededException": "it is asked too often",
    "KMSInternalException": "it has failed",
    "DependencyTimeoutException": "it has timed out",
}


class Kms(Protocol):
    """The two requests that are made of the service: a client of botocore's, or a stand-in of it."""

    def encrypt(self, **request: Any) -> dict[str, Any]: ...

    def decrypt(self, **request: Any) -> dict[str, Any]: ...


class KmsKeys:
    """One key of KMS. Its id is the key's ARN: kms:arn:aws:kms:…"""

    def __init__(self, client: Kms, key: str) -> None:
        """`key` is an ARN, an id or an alias. Raises KeysUnavailable where there is none."""
        if not key:
            raise sealed("kms_key is not set", "Set TRUNKLINE_KMS_KEY.")
        self._client = client
        self._key = key

    async def wrap(self, secret: bytes, binding: Binding) -> Wrapped:
        answer = await self._ask(
            lambda: self._client.encrypt(KeyId=self._key, Plaintext=secret, EncryptionContext=binding.text())
        )
        return Wrapped(f"{SCHEME}:{answer['KeyId']}", answer["CiphertextBlob"])

    async def unwrap(self, wrapped: Wrapped, binding: Binding) -> bytes:
        """By the key that wrapped it, which need not be the current one."""
        key = wrapped.key_id.removeprefix(f"{SCHEME}:")
        request = {"KeyId": key, "CiphertextBlob": wrapped.data, "EncryptionContext": binding.text()}
        return (await self._ask(lambda: self._client.decrypt(**request)))["Plaintext"]

    async def advance(self) -> bool:
        """KMS rotates by itself; for another key, set kms_key."""
        return False

    async def retire(self, used: Set[str]) -> None:
        """Keys are KMS's to keep."""

    async def _ask(self, request: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        try:
            return await asyncio.to_thread(request)
        except ClientError as error:
            raise _fault(error) from None
        except BotoCoreError as error:
            raise sealed(f"AWS KMS cannot be asked ({type(error).__name__})") from None


def client(region: str, endpoint: str) -> Kms:
    """A client with the machine's credentials. Raises KeysUnavailable without a region."""
    config = Config(connect_timeout=_SECONDS, read_timeout=_SECONDS, retries={"total_max_attempts": 1})
    try:
        made: Any = Session().create_client(
            "kms", region_name=region or None, endpoint_url=endpoint or None, config=config
        )
    except (BotoCoreError, ValueError) as error:
        hint = "Set TRUNKLINE_KMS_REGION, or correct TRUNKLINE_KMS_ENDPOINT."
        raise sealed(f"AWS KMS cannot be asked ({type(error).__name__})", hint) from None
    return made


def _fault(error: ClientError) -> Fault:
    """What KMS says is looked at, and never passed on."""
    answer: Any = error.response
    code = str(answer.get("Error", {}).get("Code", ""))
    if code in _TAMPERED:
        return Internal("a data key cannot be unwrapped: it was changed or moved")
    status = answer.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    return sealed(f"AWS KMS: {_REASONS.get(code, 'it refuses the request')} ({code}, {status})")
