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

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
# Prefixes that carry an IPv4 address inside: NAT64 (RFC 6052, RFC 8215), 6to4 (RFC 3056), Teredo (RFC 4380),
# IPv4-compatible (RFC 4291) and ISATAP-like local ones are not global anyway.
_TRANSLATED: Final = tuple(
    ipaddress.IPv6Network(prefix) for prefix in ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32", "::/96")
)
# Where Amazon and Alibaba keep them, outside link-local addresses.
_METADATA: Final = frozenset((ipaddress.ip_address("fd00:ec2::254"), ipaddress.ip_address("100.100.100.200")))
_HOST: Final = re.compile(r"(?=[^:]*[a-z])[a-z0-9-]+(?:\.[a-z0-9-]+)*(?::\d{1,5})?")
_NAME: Final = re.compile(r"(?=[^:]*[a-z])[a-z0-9-]+(?:\.[a-z0-9-]+)+(?::\d{1,5})?")


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
        self.resolver = _Guarded(inner, allowed or is_public)
        self._own = _Guarded(inner, allowed or is_of_a_network)

    def url(self, request: Request) -> str:
        if request.scheme != "https":
            raise HostDenied(f"{request.host} would be called without TLS")
        _check_name(request.host)
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
        if not _HOST.fullmatch(request.host) or _numeric(request.host.partition(":")[0]):
            raise HostDenied(f"{request.host} is not a name")  # an address would be dialed without a look-up
        return "http" + request.url.removeprefix(request.scheme)

    async def addresses(self, host: str, port: int) -> tuple[str, ...]:
        raise NeedsConnection(
            "The sandbox has no stand-in for what a hand-written module speaks to, a database for example.",
            "Start Trunkline without --sandbox, and name a real one with `trunkline connect`.",
        )


def is_public(address: Address) -> bool:
    """Whether `address` is a unicast address of the public Internet, and not one that leads to another inside it."""
    if isinstance(address, ipaddress.IPv6Address) and any(address in network for network in _TRANSLATED):
        return False
    if getattr(address, "ipv4_mapped", None) is not None:
        return False
    return address.is_global and not (address.is_multicast or address.is_reserved or address.is_unspecified)


def is_of_a_network(address: Address) -> bool:
    """Whether `address` is that of a machine, public or private: not link-local, where clouds keep credentials."""
    if address in _METADATA or address.is_link_local or address.is_multicast or address.is_unspecified:
        return False
    if isinstance(address, ipaddress.IPv6Address) and any(address in network for network in _TRANSLATED):
        return address.is_loopback  # ::1 is inside ::/96
    return getattr(address, "ipv4_mapped", None) is None and (address.is_loopback or not address.is_reserved)


def _check_name(host: str) -> None:
    name = host.partition(":")[0]
    if not _NAME.fullmatch(host) or name.endswith((".local", ".internal", ".localhost")) or _numeric(name):
        raise HostDenied(f"{host} is not the name of a public host")


def _numeric(name: str) -> bool:
    """IPv4 in any of the spellings that `inet_aton` knows: 127.1, 0x7f000001, 2130706433."""
    try:
        socket.inet_aton(name)
    except OSError:
        return False
    return True


class _Guarded(AbstractResolver):
    def __init__(self, inner: AbstractResolver, allowed: Callable[[Address], bool]) -> None:
        self._inner = inner
        self._allowed = allowed

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        found = await self._inner.resolve(host, port, family)
        good = [each for each in found if self._allowed(ipaddress.ip_address(each["host"].partition("%")[0]))]
        if not good:
            raise HostDenied(f"{host} leads to an address that is out of bounds")
        return good

    async def close(self) -> None:
        await self._inner.close()


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
