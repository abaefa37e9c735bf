"""Who is calling."""

import msgspec


class Principal(msgspec.Struct, frozen=True):
    """A caller whose identity was verified. `subject` is unique within `organization`; both are opaque ids."""

    subject: str
    organization: str
    name: str = ""


class Admitted(msgspec.Struct, frozen=True):
    """A caller as the front door let it in.

    `scopes` are those of an OAuth access token; None for a credential without any, which may all that its holder may.
    """

    principal: Principal
    scopes: frozenset[str] | None = None

    @property
    def reading(self) -> bool:
        """Whether the credential is for calls that change nothing."""
        return self.scopes is not None and "mcp" not in self.scopes
