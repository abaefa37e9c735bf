"""The clients that a user has allowed to act for them: shown to them, and taken back."""

from trunkline.contract import NotFound
from trunkline.identity.oauth.grants import Grants, Living
from trunkline.identity.oauth.ports import Record
from trunkline.identity.oauth.registry import Registry
from trunkline.identity.ports import SignedIn


class AllowedClients:
    """What one user has granted, in the organization they are in."""

    def __init__(self, grants: Grants, registry: Registry, record: Record) -> None:
        self._grants = grants
        self._registry = registry
        self._record = record

    async def list(self, user: SignedIn) -> tuple[Living, ...]:
        return await self._grants.list(user.user, user.organization)

    async def take_back(self, user: SignedIn, id: str) -> None:
        """Ends the grant; the client is asked about anew, also where its consent was remembered. Raises NotFound."""
        grant = await self._grants.living(id)
        if grant is None or (grant.subject, grant.organization) != (user.user, user.organization):
            raise NotFound("There is no such client.", "Your account page lists them.")
        await self._grants.end("taken back", id=id)
        await self._registry.forget(user.user, grant.client)
        detail = {"client": grant.client, "client_name": grant.client_name, "why": "by the user"}
        await self._record(user.organization, user.user, "grant.revoke", id, detail=detail)
