"""Which addresses may be dialed for a name that came from outside."""

import ipaddress
import re
import socket
from collections.abc import Callable
from typing import Final

from aiohttp.abc import AbstractResolver, ResolveResult

from trunkline.contract import HostDenied

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
# Prefixes that carry an IPv4 address inside: NAT64 (RFC 6052, RFC 8215), 6to4 (RFC 3056), Teredo (RFC 4380),
# IPv4-compatible (RFC 4291) and ISATAP-like local ones are not global anyway.
_TRANSLATED: Final = tuple(
    ipaddress.IPv6Network(prefix) for prefix in ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32", "::/96")
)
# Where Amazon and Alibaba keep them, outside link-local addresses.
_METADATA: Final = frozenset((ipaddress.ip_address("fd00:ec2::254"), ipaddress.ip_address("100.100.100.200")))
_NAME: Final = re.compile(r"(?=[^:]*[a-z])[a-z0-9-]+(?:\.[a-z0-9-]+)+(?::\d{1,5})?")


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


def check_public_name(host: str) -> None:
    """`host` is name or name:port. Raises HostDenied unless it is a name of the public Internet."""
    name = host.partition(":")[0]
    if not _NAME.fullmatch(host) or name.endswith((".local", ".internal", ".localhost")) or is_numeric(name):
        raise HostDenied(f"{host} is not the name of a public host")


def is_numeric(name: str) -> bool:
    """IPv4 in any of the spellings that `inet_aton` knows: 127.1, 0x7f000001, 2130706433."""
    try:
        socket.inet_aton(name)
    except OSError:
        return False
    return True


class GuardedResolver(AbstractResolver):
    """A name's addresses, of those only the ones that are `allowed`. They are dialed as they are, so that a second
    look-up with another answer (DNS rebinding) changes nothing.
    """

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
