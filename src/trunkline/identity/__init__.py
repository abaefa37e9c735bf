"""Who is calling: a credential becomes a `Principal`, or nothing does."""

from trunkline.identity.authenticator import Authenticator
from trunkline.identity.owner import OWNER, owner_token
from trunkline.identity.verifier import Held, Verifier

__all__ = ["OWNER", "Authenticator", "Held", "Verifier", "owner_token"]
