"""The keys that access tokens are signed with: Ed25519, a new one every thirty days.

A period's key is derived from the master key and the number of the period, so it is stored nowhere, and all gateways
with the same key file sign alike without a word to one another. The key of the period before is accepted for as long
as a token signed with it may live; the next one is published a day ahead.
"""

from collections.abc import Callable
from typing import Any, Final

from joserfc.jwk import OKPKey

from trunkline.infra.keyfile import derive

ALGORITHM: Final = "Ed25519"
PERIOD: Final = 30 * 86_400  # seconds
OVERLAP: Final = 3_600  # seconds the key before stays good: four lives of a token
AHEAD: Final = 86_400  # seconds the next key is published before it signs
SKEW: Final = 60  # seconds that another gateway's clock may be ahead


class SigningKeys:
    """Keys by time. `now` is in seconds since the epoch."""

    def __init__(self, master: bytes, now: Callable[[], float]) -> None:
        self._master = master
        self._now = now
        self._made: dict[int, OKPKey] = {}

    def current(self) -> OKPKey:
        """The key that signs now; its `kid` is its thumbprint (RFC 7638)."""
        return self._of(int(self._now() // PERIOD))

    def accepted(self, kid: str) -> OKPKey | None:
        """The key of this id, if tokens may bear its signature now."""
        return next((key for key in self._keys(OVERLAP, SKEW) if key.kid == kid), None)

    def published(self) -> dict[str, Any]:
        """The JSON Web Key Set (RFC 7517): public halves only."""
        return {"keys": [key.as_dict(private=False) for key in self._keys(OVERLAP, AHEAD)]}

    def _of(self, period: int) -> OKPKey:
        if period not in self._made:
            self._made = {known: key for known, key in self._made.items() if abs(known - period) <= 1}
            self._made[period] = _key(self._master, period)
        return self._made[period]

    def _keys(self, behind: float, ahead: float) -> list[OKPKey]:
        now = self._now()
        periods = dict.fromkeys(int(at // PERIOD) for at in (now, now - behind, now + ahead))
        return [self._of(period) for period in periods]


def _key(master: bytes, period: int) -> OKPKey:
    seed = derive(master, f"oauth signing key v1 {period}")
    return OKPKey.derive_key(seed, "Ed25519", {"use": "sig", "alg": ALGORITHM}, auto_kid=True)
