"""The only place from which services are called: host allow-list, time-outs, size limit, careful retry."""

import asyncio
import time
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final
from urllib.parse import urljoin

import aiohttp
import msgspec
from yarl import URL

from trunkline.category.charset import as_utf8
from trunkline.category.dial import Dialer
from trunkline.category.quota import Quotas, asked_wait
from trunkline.category.request import Request
from trunkline.contract import (
    AllowedCall,
    Effect,
    Egress,
    HostDenied,
    Internal,
    Overloaded,
    UpstreamFailed,
    UpstreamTimeout,
    UpstreamUnavailable,
)

_USER_AGENT: Final = "Trunkline/0.1"
_RETRY_PAUSE_SECONDS: Final = 0.1
_LONGEST_PAUSE_SECONDS: Final = 3.0
_MAX_REDIRECTS: Final = 3
_ERROR: Final = 400
_REDIRECTS: Final = frozenset((301, 302, 303, 307, 308))
_DNS_CACHE_SECONDS: Final = 30
_NO_HEADERS: Final[Mapping[str, str]] = MappingProxyType({})
_NOT_REACHED: Final = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError)


class Limits(msgspec.Struct, frozen=True):
    """Bounds of one exchange with a service."""

    connect_seconds: float = 5.0
    answer_bytes: int = 8 * 1024 * 1024  # after decompression


class Answer(msgspec.Struct, frozen=True):
    """What a service answered; text is in UTF-8. `location` is set for a redirect that was not followed."""

    status: int
    content_type: str
    body: bytes
    location: str = ""
    headers: Mapping[str, str] = _NO_HEADERS  # names in any case


class Upstream:
    """A pooled HTTP/1.1 client. Keeps no cookies, knows no proxies, follows no redirect to another host."""

    def __init__(self, dialer: Dialer, limits: Limits | None = None) -> None:
        self._dialer = dialer
        self._limits = limits or Limits()
        self._client: aiohttp.ClientSession | None = None
        self._quotas = Quotas()

    async def close(self) -> None:
        if self._client is not None:
            await self._client.close()

    async def send(self, request: Request, call: AllowedCall) -> Answer:
        """The service's answer, whatever its status.

        Raises HostDenied before anything is dialed, UpstreamUnavailable if the service cannot be reached,
        UpstreamFailed if it breaks the exchange, Overloaded if the answer is too large. The caller bounds the time by
        cancelling. A service that asked this connection to wait is not asked: UpstreamUnavailable says until when.
        """
        self._quotas.check(call)
        answer = await self._patiently(request, call)
        followed = 0
        while answer.location and followed < _MAX_REDIRECTS and request.method in ("GET", "HEAD"):
            target = _same_origin(request, answer.location)
            if target is None:
                return answer
            request, followed = target, followed + 1
            answer = await self._patiently(request, call)
        if answer.status >= _ERROR:
            self._quotas.saw(call, answer.status, answer.headers)
        return answer

    def egress(self, call: AllowedCall) -> Egress:
        """The way out of a hand-written module that serves `call`."""
        return _AllowedHosts(self._dialer, call)

    async def _patiently(self, request: Request, call: AllowedCall) -> Answer:
        """One try, and a second where it can do no harm: nothing was sent, or the service asks for it."""
        target = self._target(request, call)
        try:
            answer = await self._once(target, request, call)
            pause = _pause(answer)
            if pause is None or not _repeatable(call) or time.time() + pause > call.deadline:
                return answer
        except _NOT_REACHED:
            pause = _RETRY_PAUSE_SECONDS
        await asyncio.sleep(pause)
        try:
            return await self._once(target, request, call)
        except _NOT_REACHED as error:
            raise _unreachable(request, error) from None

    def _target(self, request: Request, call: AllowedCall) -> URL:
        """The URL to dial. Raises HostDenied if the host is not on the call's allow-list; `*.` there is one label."""
        if request.host not in call.hosts and f"*.{request.host.partition('.')[2]}" not in call.hosts:
            raise HostDenied(f"{request.host} is not on the allow-list of {call.service}")
        target = URL(self._dialer.url(request), encoded=True)
        if target.raw_authority != request.host or target.raw_path != request.path or target.raw_fragment:
            raise Internal("a request would have left the host of its service")
        return target

    async def _once(self, target: URL, request: Request, call: AllowedCall) -> Answer:
        try:
            async with self._session().request(
                request.method, target, headers=request.headers, data=request.body, allow_redirects=False
            ) as response:
                body = await self._read(response)
        except (aiohttp.ClientConnectorCertificateError, aiohttp.ClientConnectorSSLError):
            raise UpstreamFailed(f"{request.host} did not prove its identity (TLS)", _NOT_SENT) from None
        except _NOT_REACHED:
            raise
        except (aiohttp.ClientError, OSError) as error:
            raise _broken(request, call, error) from None
        headers = response.headers
        redirect = response.status in _REDIRECTS
        kind = headers.get("Content-Type", "")
        return Answer(
            response.status,
            kind,
            as_utf8(body, kind),
            headers.get("Location", "") if redirect else "",
            headers,
        )

    async def _read(self, response: aiohttp.ClientResponse) -> bytes:
        """The whole body. Raises Overloaded as soon as it is larger than allowed."""
        content, limit = response.content, self._limits.answer_bytes
        pieces: list[bytes] = []
        size = 0
        while piece := await content.readany():
            size += len(piece)
            if size > limit:
                response.close()
                raise Overloaded(f"the answer is larger than {limit} bytes", _ASK_LESS)
            pieces.append(piece)
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    def _session(self) -> aiohttp.ClientSession:
        if self._client is None:  # made inside the running loop
            self._client = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(
                    limit=0, ttl_dns_cache=_DNS_CACHE_SECONDS, resolver=self._dialer.resolver
                ),
                cookie_jar=aiohttp.DummyCookieJar(),
                timeout=aiohttp.ClientTimeout(total=None, sock_connect=self._limits.connect_seconds),
                headers={"User-Agent": _USER_AGENT},
                skip_auto_headers=("Content-Type",),  # a request has the one that it was built with, or none
                trust_env=False,
            )
        return self._client


class _AllowedHosts:
    """The `Egress` of one connection."""

    def __init__(self, dialer: Dialer, call: AllowedCall) -> None:
        self._dialer = dialer
        self._hosts = call.hosts
        self._service = call.service

    async def addresses(self, host: str, port: int) -> tuple[str, ...]:
        if host not in self._hosts:
            raise HostDenied(f"{host} is not on the allow-list of {self._service}")
        return await self._dialer.addresses(host, port)


_ASK_LESS: Final = "Ask for less: a page, a filter, one item."
_NOT_SENT: Final = "Nothing was sent. Tell the person who runs Trunkline."


def timed_out(call: AllowedCall) -> UpstreamTimeout:
    """The fault of a call whose time is over."""
    hint = "Call again, or ask for less." if _repeatable(call) else _UNSURE
    return UpstreamTimeout(f"{call.service} did not answer in time", hint)


_UNSURE: Final = "It may or may not have taken effect: look before you call again."


def _repeatable(call: AllowedCall) -> bool:
    return call.idempotent or call.effect is Effect.READ


def _unreachable(request: Request, error: Exception) -> UpstreamUnavailable:
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return UpstreamUnavailable(f"the name {request.host} cannot be resolved", "Nothing was sent; call again later.")
    return UpstreamUnavailable(f"{request.host} cannot be reached", "Nothing was sent; call again later.")


def _broken(request: Request, call: AllowedCall, error: Exception) -> UpstreamFailed:
    """An exchange that began and did not end well."""
    if isinstance(error, aiohttp.ClientResponseError | aiohttp.ClientPayloadError | aiohttp.InvalidURL):
        return UpstreamFailed(
            f"{request.host} gave an answer that is not proper HTTP", "" if _repeatable(call) else _UNSURE
        )
    if _repeatable(call):
        return UpstreamUnavailable(f"{request.host} broke the connection", "Call again.")
    return UpstreamFailed(f"{request.host} broke the connection", _UNSURE)


def _pause(answer: Answer) -> float | None:
    """Seconds to wait before a second try; None where there is none."""
    seconds = asked_wait(answer.status, answer.headers, time.time())
    return seconds if seconds is not None and seconds <= _LONGEST_PAUSE_SECONDS else None


def _same_origin(request: Request, location: str) -> Request | None:
    """The request for a redirect's target, None if that is anywhere else."""
    try:
        target = URL(urljoin(request.url, location))
    except ValueError:
        return None
    if target.scheme != request.scheme or target.raw_authority != request.host or target.user is not None:
        return None
    return msgspec.structs.replace(request, path=target.raw_path, query=target.raw_query_string)
