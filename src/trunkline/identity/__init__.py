"""Who is calling: a credential becomes a `Principal`, or nothing does."""

from trunkline.identity.authenticator import Authenticator
from trunkline.identity.owner import OWNER, owner_token

__all__ = ["OWNER", "Authenticator", "owner_token"]
