"""Data keys wrapped by AWS KMS: moto speaks its wire format; what moto does not do (it decrypts with a disabled key) is
a contract fake of the documented errors, and not verified against the service."""

from collections.abc import Generator
from typing import Any

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError
from botocore.session import Session

from tests.support import servers
from trunkline.connections.keys import Binding, Wrapped
from trunkline.connections.keys.kms import KmsKeys, client
from trunkline.contract import Internal, KeysUnavailable

pytestmark = pytest.mark.xdist_group("moto")  # one server for all

SECRET = bytes(range(32))
BINDING = Binding("acme", 1)
REGION = "eu-west-1"


@pytest.fixture(scope="module")
def endpoint() -> Generator[str]:
    with servers.moto() as address:
        yield address


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """The machine's AWS credentials; moto takes any."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "made-up")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "made-up")


@pytest.fixture
def key(endpoint: str, machine: None) -> str:
    """The ARN of a new key."""
    admin: Any = Session().create_client("kms", region_name=REGION, endpoint_url=endpoint)
    return admin.create_key()["KeyMetadata"]["Arn"]


@pytest.fixture
def keys(endpoint: str, key: str) -> KmsKeys:
    return KmsKeys(client(REGION, endpoint), key)


async def test_a_data_key_comes_back_as_it_was_and_its_id_names_the_key(keys: KmsKeys, key: str) -> None:
    wrapped = await keys.wrap(SECRET, BINDING)
    assert wrapped.key_id == f"kms:{key}"
    assert SECRET not in wrapped.data
    assert await keys.unwrap(wrapped, BINDING) == SECRET


@pytest.mark.parametrize("other", [Binding("other", 1), Binding("acme", 2)])
async def test_a_wrapped_key_of_another_organization_or_version_is_refused(keys: KmsKeys, other: Binding) -> None:
    wrapped = await keys.wrap(SECRET, BINDING)
    with pytest.raises(Internal, match="changed or moved"):
        await keys.unwrap(wrapped, other)


async def test_a_wrapped_key_that_was_changed_is_refused(keys: KmsKeys) -> None:
    wrapped = await keys.wrap(SECRET, BINDING)
    data = wrapped.data[:-1] + bytes([wrapped.data[-1] ^ 1])
    with pytest.raises(Internal, match="changed or moved"):
        await keys.unwrap(Wrapped(wrapped.key_id, data), BINDING)


async def test_what_a_former_key_wrapped_unwraps_after_another_became_current(
    keys: KmsKeys, endpoint: str, key: str
) -> None:
    wrapped = await keys.wrap(SECRET, BINDING)
    admin: Any = Session().create_client("kms", region_name=REGION, endpoint_url=endpoint)
    later = KmsKeys(client(REGION, endpoint), admin.create_key()["KeyMetadata"]["Arn"])
    assert await later.unwrap(wrapped, BINDING) == SECRET
    assert (await later.wrap(SECRET, BINDING)).key_id != wrapped.key_id


async def test_a_key_that_is_not_there_is_a_fault_that_says_so(endpoint: str, key: str) -> None:
    with pytest.raises(KeysUnavailable, match="there is no such key"):
        await KmsKeys(client(REGION, endpoint), "alias/none").wrap(SECRET, BINDING)


async def test_an_endpoint_that_does_not_answer_fails_closed(machine: None) -> None:
    with pytest.raises(KeysUnavailable, match="EndpointConnectionError"):
        await KmsKeys(client(REGION, "http://127.0.0.1:9"), "alias/none").wrap(SECRET, BINDING)


def test_settings_that_cannot_work_say_which() -> None:
    with pytest.raises(KeysUnavailable, match="kms_key"):
        KmsKeys(Fake(None), "")
    with pytest.raises(KeysUnavailable) as refused:
        client("", "not an address")
    assert "TRUNKLINE_KMS" in refused.value.hint


class Fake:
    """Answers as the documentation says KMS does (API reference, Decrypt: Errors); verified against nothing."""

    def __init__(self, error: Exception | None) -> None:
        self.error = error

    def encrypt(self, **request: Any) -> dict[str, Any]:
        return self._answer({"KeyId": request["KeyId"], "CiphertextBlob": request["Plaintext"][::-1]})

    def decrypt(self, **request: Any) -> dict[str, Any]:
        return self._answer({"KeyId": request["KeyId"], "Plaintext": request["CiphertextBlob"][::-1]})

    def _answer(self, answer: dict[str, Any]) -> dict[str, Any]:
        if self.error is not None:
            raise self.error
        return answer


def refusal(code: str, status: int) -> ClientError:
    error: Any = {"Error": {"Code": code, "Message": "canary"}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(error, "Decrypt")


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (refusal("DisabledException", 400), "the key is disabled"),
        (refusal("KMSInvalidStateException", 400), "about to be deleted"),
        (refusal("KeyUnavailableException", 500), "not available"),
        (refusal("ThrottlingException", 400), "asked too often"),
        (refusal("AccessDeniedException", 400), "access is denied"),
        (refusal("ExpiredTokenException", 400), "credentials have expired"),
        (refusal("KMSInternalException", 500), "it has failed"),
        (refusal("SomethingNew", 418), "it refuses the request"),
        (ReadTimeoutError(endpoint_url="https://kms"), "ReadTimeoutError"),
    ],
)
async def test_a_key_that_cannot_be_used_fails_closed_with_the_reason_and_recovers(error: Exception, said: str) -> None:
    fake = Fake(error)
    keys = KmsKeys(fake, "alias/ours")
    wrapped = Wrapped("kms:alias/ours", SECRET[::-1])
    with pytest.raises(KeysUnavailable, match=said) as refused:
        await keys.unwrap(wrapped, BINDING)
    assert refused.value.message.startswith("503, ")
    assert "canary" not in f"{refused.value!r}{refused.value.hint}"
    fake.error = None
    assert await keys.unwrap(wrapped, BINDING) == SECRET
