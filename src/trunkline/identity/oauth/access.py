"""The resource server's side: from an access token to a caller, as a verifier of the authenticator."""

import time
from collections.abc import Callable
from typing import Final

from trunkline.contract import Admitted, Principal
from trunkline.identity.oauth import tokens
from trunkline.identity.oauth.grants import Grants
from trunkline.identity.oauth.keys import SigningKeys
from trunkline.identity.oauth.ports import Accounts
from trunkline.identity.oauth.resource import reading
from trunkline.identity.origin import origin_of
from trunkline.identity.roles import Role, reaches
from trunkline.identity.verifier import Held

LOOK_SECONDS: Final = 2.0  # then it is looked again whether grant and user are still there


class AccessTokens:
    """Verifies access tokens of this very server, for the resource they are sent to. `now`: seconds since the epoch."""

    def __init__(
        self,
        keys: SigningKeys,
        grants: Grants,
        accounts: Accounts,
        now: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._keys = keys
        self._grants = grants
        self._accounts = accounts
        self._now = now
        self._monotonic = monotonic

    async def verify(self, token: str, host: bytes, path: str) -> Held | None:
        """None for whatever is no good token for this host and path."""
        now = self._now()
        claims = tokens.read(self._keys, token, now)
        issuer = origin_of(host)
        if claims is None or claims.iss != issuer or claims.aud != issuer + path:
            return None
        grant = await self._grants.living(claims.grant)
        role = await self._accounts.role(claims.sub, claims.org)
        if grant is None or role is None or (grant.subject, grant.organization) != (claims.sub, claims.org):
            return None
        scope = claims.scope if reaches(role, Role.MEMBER) else reading(claims.scope)
        admitted = Admitted(Principal(claims.sub, claims.org, grant.name), frozenset(scope.split()))
        seconds = min(LOOK_SECONDS, claims.exp - now)
        return Held(admitted, self._monotonic() + seconds, host, path)
