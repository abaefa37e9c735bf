"""Where a request really goes. The allow-list, the credential and the shaping are the same for both dialers."""

import ipaddress
import re
import socket
from collections.abc import Callable
from typing import Final, Protocol

from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver

from trunkline.category.request import Request
from trunkline.contract import HostDenied, NeedsConnection, UpstreamUnavailable
from trunkline.infra.http.addresses import (
    Address,
    GuardedResolver,
    check_public_name,
    is_numeric,
    is_of_a_network,
    is_public,
)

_HOST: Final = re.compile(r"(?=[^:]*[a-z])[a-z0-9-]+(?:\.[a-z0-9-]+)*(?::\d{1,5})?")


class Dialer(Protocol):
    """Turns a request's URL into the one to dial, and its host into addresses."""

    @property
    def resolver(self) -> AbstractResolver: ...

    def url(self, request: Request) -> str:
        """Raises HostDenied for a URL that must not be dialed."""
        ...

    async def addresses(self, host: str, port: int) -> tuple[str, ...]:
        """Where a hand-written module finds `host`. Raises HostDenied, UpstreamUnavailable, NeedsConnection."""
        ...


class DirectDialer:
    """To the service itself: HTTPS only, public addresses only.

    A name's addresses are checked and then dialed as they are, so that a second look-up with another answer (DNS
    rebinding) changes nothing.
    """

    def __init__(
        self, resolver: AbstractResolver | None = None, allowed: Callable[[Address], bool] | None = None
    ) -> None:
        """Needs a running event loop. `allowed` replaces the rule for addresses, for networks of one's own."""
        inner = resolver or ThreadedResolver()
        self.resolver = GuardedResolver(inner, allowed or is_public)
        self._own = GuardedResolver(inner, allowed or is_of_a_network)

    def url(self, request: Request) -> str:
        if request.scheme != "https":
            raise HostDenied(f"{request.host} would be called without TLS")
        check_public_name(request.host)
        return request.url

    async def addresses(self, host: str, port: int) -> tuple[str, ...]:
        """Private ones too: a database stands in a network of one's own more often than not."""
        try:
            found = await self._own.resolve(host, port)
        except OSError:
            raise UpstreamUnavailable(f"the name {host} cannot be resolved", "Nothing was sent.") from None
        return tuple(each["host"] for each in found)


class SandboxDialer:
    """To the sandbox, whatever the host: plain HTTP to one address, with Host and path as they were."""

    def __init__(self, host: str, port: int) -> None:
        """`host` is the sandbox's IP address, or localhost. Raises ValueError for anything else."""
        self.resolver = _Fixed(host, port)

    def url(self, request: Request) -> str:
        if not _HOST.fullmatch(request.host) or is_numeric(request.host.partition(":")[0]):
            raise HostDenied(f"{request.host} is not a name")  # an address would be dialed without a look-up
        return "http" + request.url.removeprefix(request.scheme)

    async def addresses(self, host: str, port: int) -> tuple[str, ...]:
        raise NeedsConnection(
            "The sandbox has no stand-in for what a hand-written module speaks to, a database for example.",
            "Start Trunkline without --sandbox, and name a real one with `trunkline connect`.",
        )


class _Fixed(AbstractResolver):
    def __init__(self, host: str, port: int) -> None:
        address = ipaddress.ip_address("127.0.0.1" if host == "localhost" else host)
        family = socket.AF_INET6 if address.version == 6 else socket.AF_INET
        self._result = ResolveResult(hostname=host, host=str(address), port=port, family=family, proto=0, flags=0)

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        return [self._result]

    async def close(self) -> None:
        pass
