"""The transit engine of Vault or OpenBao as key provider (https://openbao.org/docs/secrets/transit).

The key never leaves it. The token needs `update` on transit/encrypt/<key> and transit/decrypt/<key>, and on
transit/keys/<key>/rotate where `keys rotate` is to make a new version of the key itself.

hvac is not asynchronous: each request takes a thread for as long as it lasts, at most a few seconds.
"""

import asyncio
import base64
import binascii
import re
from collections.abc import Callable, Set
from pathlib import Path
from typing import Any, Final, TypeVar
from urllib.parse import urlsplit

import hvac
import msgspec
from hvac import exceptions
from requests.exceptions import RequestException  # noqa: TID251 - what hvac raises; nothing is requested with it

from trunkline.connections.keys import Binding, Wrapped, sealed
from trunkline.contract import Internal, KeysUnavailable

SCHEME: Final = "vault"
_SECONDS: Final = 3
_CIPHERTEXT: Final = re.compile(r"vault:v(\d+):[\w+/=]+")
_TAMPERED: Final = ("unable to decrypt", "authentication failed", "invalid ciphertext")
T = TypeVar("T")


class VaultSettings(msgspec.Struct, frozen=True):
    """Where the key is, and how to sign in: with a token, or as an AppRole."""

    address: str
    mount: str = "transit"
    key: str = "trunkline"
    namespace: str = ""
    token_file: str = ""
    role_id: str = ""
    secret_id_file: str = ""
    ca_file: str = ""


class VaultKeys:
    """One transit key. Its id names its version: vault:transit/trunkline:3."""

    def __init__(self, settings: VaultSettings) -> None:
        """Raises KeysUnavailable where the settings cannot work."""
        _check(settings)
        self._settings = settings
        self._client: Any = hvac.Client(
            settings.address,
            namespace=settings.namespace or None,
            timeout=_SECONDS,
            verify=settings.ca_file or True,
        )
        self._client.token = ""

    async def wrap(self, secret: bytes, binding: Binding) -> Wrapped:
        answer = await self._ask(lambda: self._transit("encrypt_data", plaintext=_text(secret), **_bound(binding)))
        ciphertext = str(answer["data"]["ciphertext"])
        found = _CIPHERTEXT.fullmatch(ciphertext)
        if found is None:
            raise Internal("the key service answered with what is no ciphertext")
        return Wrapped(f"{self._name}:{found[1]}", ciphertext.encode())

    async def unwrap(self, wrapped: Wrapped, binding: Binding) -> bytes:
        if wrapped.key_id.rpartition(":")[0] != self._name:
            raise sealed(f"a data key is wrapped by {wrapped.key_id}, not by {self._name}", "Set vault_key again.")
        ciphertext = wrapped.data.decode("ascii", "replace")
        answer = await self._ask(lambda: self._transit("decrypt_data", ciphertext=ciphertext, **_bound(binding)))
        try:
            return base64.b64decode(answer["data"]["plaintext"], validate=True)
        except (binascii.Error, ValueError):
            raise Internal("the key service answered with what is no key") from None

    async def advance(self) -> bool:
        try:
            await self._ask(lambda: self._transit("rotate_key"))
        except KeysUnavailable as fault:
            raise KeysUnavailable(fault.message, f"Rotate {self._name} in Vault, then run this again.") from None
        return True

    async def retire(self, used: Set[str]) -> None:
        """Old versions are Vault's to keep (min_decryption_version)."""

    @property
    def _name(self) -> str:
        return f"{SCHEME}:{self._settings.mount}/{self._settings.key}"

    def _transit(self, method: str, **arguments: Any) -> Any:
        return getattr(self._client.secrets.transit, method)(
            name=self._settings.key, mount_point=self._settings.mount, **arguments
        )

    async def _ask(self, request: Callable[[], T]) -> T:
        return await asyncio.to_thread(self._answered, request)

    def _answered(self, request: Callable[[], T]) -> T:
        """Signs in when there is no token, and once more when it is refused: it may have been replaced."""
        try:
            fresh = not self._client.token
            if fresh:
                self._sign_in()
            try:
                return request()
            except exceptions.Forbidden:
                if fresh:
                    raise
                self._sign_in()
                return request()
        except exceptions.InvalidRequest as fault:
            raise _refused(fault) from None
        except exceptions.VaultError as fault:
            raise sealed(_reason(fault)) from None
        except RequestException as fault:
            raise sealed(f"Vault does not answer at {self._settings.address} ({type(fault).__name__})") from None

    def _sign_in(self) -> None:
        settings = self._settings
        if not settings.role_id:
            self._client.token = _content(settings.token_file, "vault_token_file")
            return
        secret = _content(settings.secret_id_file, "vault_secret_id_file")
        answer = self._client.auth.approle.login(settings.role_id, secret, use_token=False)
        self._client.token = answer["auth"]["client_token"]


def _check(settings: VaultSettings) -> None:
    parts = urlsplit(settings.address)
    local = parts.hostname in ("127.0.0.1", "localhost", "::1")
    if not parts.hostname or not (parts.scheme == "https" or (parts.scheme == "http" and local)):
        raise sealed(f"vault_address = {settings.address!r} is no https:// address", "Set TRUNKLINE_VAULT_ADDRESS.")
    if not settings.token_file and not settings.role_id:
        raise sealed("Vault asks who is calling", "Set TRUNKLINE_VAULT_TOKEN_FILE, or TRUNKLINE_VAULT_ROLE_ID.")


def _content(path: str, setting: str) -> str:
    try:
        content = Path(path).expanduser().read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError):
        raise sealed(f"the file {path!r} ({setting}) cannot be read") from None
    if not content:
        raise sealed(f"the file {path!r} ({setting}) is empty")
    return content


def _bound(binding: Binding) -> dict[str, str]:
    return {"associated_data": _text(binding.data())}


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _refused(fault: exceptions.InvalidRequest) -> Exception:
    """What Vault says is looked at, and never passed on."""
    said = str(fault).lower()
    if any(word in said for word in _TAMPERED):
        return Internal("a data key cannot be unwrapped: it was changed or moved")
    return sealed("Vault refuses the request (400)", "Does the transit key exist, and is it of type aes256-gcm96?")


def _reason(fault: exceptions.VaultError) -> str:
    reasons: dict[type[exceptions.VaultError], str] = {
        exceptions.VaultDown: "Vault is sealed (503)",
        exceptions.VaultNotInitialized: "Vault is not initialized (501)",
        exceptions.Forbidden: "Vault forbids it (403): the token has expired, or its policy does not allow it",
        exceptions.Unauthorized: "Vault does not accept the token (401)",
        exceptions.InvalidPath: "Vault has no such transit engine (404)",
        exceptions.RateLimitExceeded: "Vault is asked too often (429)",
        exceptions.InternalServerError: "Vault has failed (500)",
        exceptions.BadGateway: "Vault cannot be reached (502)",
    }
    return reasons.get(type(fault), f"Vault has failed ({type(fault).__name__})")
