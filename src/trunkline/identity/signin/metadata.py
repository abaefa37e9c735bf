"""What an OpenID provider publishes: its metadata (OpenID Connect Discovery 1.0) and its keys (RFC 7517)."""

import time
from collections.abc import Callable
from typing import Any, Final

import msgspec
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from trunkline.contract import Fault, UpstreamFailed, UpstreamUnavailable
from trunkline.identity.signin.provider import unavailable
from trunkline.infra.fetch import Fetch, Request

METADATA_SECONDS: Final = 3600.0
KEYS_EVERY: Final = 60.0  # seconds between two fetches of one key set, whatever tokens ask for
_PATH: Final = "/.well-known/openid-configuration"


class Metadata(msgspec.Struct, frozen=True):
    """The part that a sign-in needs."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str = ""
    token_endpoint_auth_methods_supported: tuple[str, ...] = ("client_secret_basic",)
    id_token_signing_alg_values_supported: tuple[str, ...] = ("RS256",)
    authorization_response_iss_parameter_supported: bool = False


class Published:
    """Metadata and keys of all providers, remembered. `now` never goes back."""

    def __init__(self, fetch: Fetch, now: Callable[[], float] = time.monotonic) -> None:
        self._fetch = fetch
        self._now = now
        self._metadata: dict[str, tuple[float, Metadata]] = {}
        self._keys: dict[str, _Keys] = {}

    async def metadata(self, base: str) -> Metadata:
        """The metadata below `base`. What is remembered serves on while the provider is down.

        Raises UpstreamUnavailable and UpstreamFailed where there is none.
        """
        good_until, known = self._metadata.get(base, (0.0, None))
        if known is not None and good_until > self._now():
            return known
        try:
            found = await self._read(base)
        except Fault:
            if known is None:
                raise
            found = known
        self._metadata[base] = (self._now() + METADATA_SECONDS, found)
        return found

    async def keys(self, uri: str, kid: str) -> KeySet:
        """The keys at `uri`, fetched anew if `kid` is not among them, but not more than once a minute.

        Raises UpstreamUnavailable where there are none.
        """
        known = self._keys.get(uri)
        if known is not None and (_has(known.keys, kid) or known.asked + KEYS_EVERY > self._now()):
            return _some(known.keys)
        asked, before = self._now(), known.keys if known is not None else None
        self._keys[uri] = _Keys(asked, before)  # a failure counts, and so does whoever asks meanwhile
        answer = await self._fetch(Request(uri))
        try:
            if answer.status != 200:
                raise UpstreamUnavailable("The provider's keys cannot be read.", "Try again in a minute.")
            found = KeySet.import_key_set(_signing(answer.json()))
        except (JoseError, ValueError, TypeError, KeyError):
            raise UpstreamFailed("The provider's keys cannot be read.") from None
        self._keys[uri] = _Keys(asked, found)
        return found

    async def _read(self, base: str) -> Metadata:
        answer = await self._fetch(Request(base.rstrip("/") + _PATH))
        unavailable(answer)
        if answer.status != 200:
            raise UpstreamFailed("The provider publishes no metadata.", "Check url in [[sign_in]].")
        try:
            return msgspec.json.decode(answer.body, type=Metadata)
        except (msgspec.DecodeError, UnicodeDecodeError):
            raise UpstreamFailed("The provider's metadata cannot be read.") from None


class _Keys(msgspec.Struct, frozen=True):
    asked: float
    keys: KeySet | None


def _signing(content: dict[str, Any]) -> Any:
    """Only public keys that may sign: a symmetric one would let whoever knows it make tokens."""
    keys: list[Any] = content.get("keys", [])
    return {"keys": [k for k in keys if k.get("kty") in ("RSA", "EC", "OKP") and k.get("use", "sig") == "sig"]}


def _has(keys: KeySet | None, kid: str) -> bool:
    return keys is not None and any(not kid or key.kid == kid for key in keys.keys)


def _some(keys: KeySet | None) -> KeySet:
    if keys is None:
        raise UpstreamUnavailable("The provider's keys cannot be read.", "Try again in a minute.")
    return keys
