"""Which protocol eras an upstream server speaks: `server/discover` shows the modern one, a handshake the legacy one."""

from dataclasses import dataclass
from typing import Final

import msgspec

from trunkline.contract import CredentialRejected, Fault, UpstreamFailed, UpstreamTimeout, UpstreamUnavailable
from trunkline.gateway.events import MODERN, CallContext
from trunkline.gateway.federation.client import Client
from trunkline.gateway.federation.legacy import Ears, LegacyLink
from trunkline.gateway.federation.link import Abilities, Link, own, result_of
from trunkline.gateway.federation.modern import ModernLink

_FINAL: Final = (CredentialRejected, UpstreamUnavailable, UpstreamTimeout)


@dataclass(frozen=True, slots=True)
class Links:
    """The links to one server, at least one of them, and what it can do."""

    modern: ModernLink | None
    legacy: LegacyLink | None
    abilities: Abilities

    @property
    def own(self) -> Link:
        """For what we ask by ourselves."""
        link = self.modern or self.legacy
        assert link is not None
        return link

    def of(self, context: CallContext) -> Link:
        """The link of the client's own era if there is one: only that carries requests back to the client."""
        return self.legacy if context.session is not None and self.legacy is not None else self.own

    async def close(self) -> None:
        if self.legacy is not None:
            await self.legacy.close()


class _Discovered(msgspec.Struct, rename="camel"):
    supported_versions: list[str]
    capabilities: msgspec.Raw = msgspec.Raw(b"{}")


async def detect(name: str, client: Client, ears: Ears) -> Links:
    """Raises Faults."""
    modern, legacy = ModernLink(name, client), LegacyLink(name, client, ears)
    discovered = await _discover(modern)
    if discovered is None:
        await legacy.shared.open()
        return Links(None, legacy, legacy.shared.abilities)
    abilities = Abilities.of(bytes(discovered.capabilities))
    try:
        await legacy.shared.open()
    except (Fault, msgspec.DecodeError):
        return Links(modern, None, abilities)
    await legacy.shared.close()  # whoever needs a session gets one; what belongs to nobody goes the modern way
    return Links(modern, legacy, abilities.joined(legacy.shared.abilities))


async def _discover(link: ModernLink) -> _Discovered | None:
    """What the server says of itself; None if it does not speak the modern era."""
    try:
        found = msgspec.json.decode(await result_of(link, own("server/discover")), type=_Discovered)
    except _FINAL:
        raise
    except (UpstreamFailed, msgspec.DecodeError):
        return None
    return found if MODERN in found.supported_versions else None
