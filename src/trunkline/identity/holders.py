"""API keys as a way to administer: the same rights as their user has at this moment, in one organization."""

from trunkline.identity.api_keys import ApiKeys
from trunkline.identity.members import Standing
from trunkline.identity.ports import KeyHolder, SignedIn


class StoredKeyHolders:
    """Implements `ports.KeyHolders` over the database."""

    def __init__(self, keys: ApiKeys, standing: Standing) -> None:
        self._keys = keys
        self._standing = standing

    async def holder(self, key: str) -> KeyHolder | None:
        good = await self._keys.good(key)
        if good is None or good.toolsets:
            return None
        principal = good.principal
        member = await self._standing.member(principal.organization, principal.subject)
        if member is None:
            return None
        user = SignedIn(principal.subject, principal.name, principal.organization, member.role, "", "")
        return KeyHolder(user, good.read_only)
