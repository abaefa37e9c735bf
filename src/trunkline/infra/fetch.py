"""Requests of our own to providers: discovery documents, key sets, token endpoints.

Small and careful: https only (http to this machine), no redirect followed, a bound on size and time. Calls of tools go
through `category.upstream` instead.
"""

import ipaddress
from collections.abc import Mapping
from typing import Any, Final, Protocol
from urllib.parse import urlencode, urlsplit

import aiohttp
import msgspec
from aiohttp.abc import AbstractResolver
from aiohttp.resolver import ThreadedResolver

from trunkline.contract import UpstreamFailed, UpstreamUnavailable
from trunkline.infra.http.addresses import GuardedResolver, check_public_name, is_public

_SECONDS: Final = 10.0
_LIMIT: Final = 1024 * 1024  # bytes
_FORM: Final = "application/x-www-form-urlencoded"


class Request(msgspec.Struct, frozen=True):
    """A GET, or a POST where there is a `form` or a `json` body; `method` says otherwise."""

    url: str
    form: Mapping[str, str] | None = None
    json: Mapping[str, str] | None = None
    headers: Mapping[str, str] = {}
    method: str = ""


class Fetched(msgspec.Struct, frozen=True):
    """An answer, whatever its status. Header names are in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> dict[str, Any]:
        """The JSON object in the body. Raises UpstreamFailed where there is none."""
        try:
            return msgspec.json.decode(self.body, type=dict[str, Any])
        except (msgspec.DecodeError, UnicodeDecodeError):
            raise UpstreamFailed(f"The provider did not answer with a JSON object (status {self.status}).") from None


class Fetch(Protocol):
    """How identity and connections reach a provider."""

    async def __call__(self, request: Request) -> Fetched:
        """Raises UpstreamUnavailable where there is no answer, UpstreamFailed where it is too large or the URL is not
        accepted; neither repeats more of the URL than its host.
        """
        ...


class Outbound:
    """`Fetch` over the network. The session is made on first use; close it.

    `public`: for URLs whose host somebody typed. Only public names and addresses are dialed then; `addresses` finds and
    judges them, for networks of one's own. `limit` in bytes; `seconds` for a whole answer.
    """

    def __init__(
        self,
        *,
        public: bool = False,
        addresses: AbstractResolver | None = None,
        limit: int = _LIMIT,
        seconds: float = _SECONDS,
    ) -> None:
        self._public = public
        self._addresses = addresses
        self._limit = limit
        self._seconds = seconds
        self._session: aiohttp.ClientSession | None = None

    async def __call__(self, request: Request) -> Fetched:
        host = checked_host(request.url)
        if self._public:
            check_public_name(urlsplit(request.url).netloc)
        data, kind = _body(request)
        sent = {"accept": "application/json", **kind, **request.headers}
        method = request.method or ("GET" if data is None else "POST")
        try:
            async with self._open().request(
                method, request.url, data=data, headers=sent, allow_redirects=False
            ) as answer:
                return Fetched(
                    answer.status, {k.lower(): v for k, v in answer.headers.items()}, await _read(answer, self._limit)
                )
        except (TimeoutError, aiohttp.ClientError, OSError):
            raise UpstreamUnavailable(f"{host} cannot be reached.", "Try again in a moment.") from None

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            resolver = self._addresses
            if resolver is None and self._public:
                resolver = GuardedResolver(ThreadedResolver(), is_public)
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(resolver=resolver, use_dns_cache=not self._public),
                timeout=aiohttp.ClientTimeout(total=self._seconds),
                cookie_jar=aiohttp.DummyCookieJar(),
            )
        return self._session


def _body(request: Request) -> tuple[bytes | None, dict[str, str]]:
    """A request's body, and the header that says what it is."""
    if request.form is not None:
        return urlencode(request.form).encode(), {"content-type": _FORM}
    if request.json is not None:
        return msgspec.json.encode(request.json), {"content-type": "application/json"}
    return None, {}


async def _read(answer: aiohttp.ClientResponse, limit: int) -> bytes:
    """Raises UpstreamFailed past the limit; what is counted is what comes out of the decompressor."""
    body = b""
    async for chunk in answer.content.iter_chunked(65536):
        body += chunk
        if len(body) > limit:
            raise UpstreamFailed(f"{answer.url.host} answered with more than {limit} bytes.")
    return body


def checked_host(url: str) -> str:
    """The host of a URL we may send secrets to. Raises UpstreamFailed for any other."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    if not host or parts.username is not None or not (parts.scheme == "https" or _is_http_here(parts.scheme, host)):
        raise UpstreamFailed("The provider's URL is not accepted.", "It must be https (http only on this machine).")
    return host


def _is_http_here(scheme: str, host: str) -> bool:
    if scheme != "http":
        return False
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
