"""What the authorization server needs of others."""

from collections.abc import Mapping
from typing import Any, Protocol


class Accounts(Protocol):
    """Users as they are now."""

    async def role(self, subject: str, organization: str) -> str | None:
        """The user's role in the organization; None for a user who is disabled, has left, or never was."""
        ...


class Record(Protocol):
    """Writes an event (`identity.events.Events.record`)."""

    async def __call__(
        self,
        organization: str,
        actor: str,
        act: str,
        target: str = "",
        *,
        outcome: str = "ok",
        detail: Mapping[str, Any] | None = None,
    ) -> None: ...
