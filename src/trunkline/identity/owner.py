"""The owner: whoever can read the key file. One principal and one token, both the same on every start."""

from base64 import urlsafe_b64encode
from typing import Final

from trunkline.contract import Principal
from trunkline.infra.keyfile import derive

OWNER: Final = Principal(subject="owner", organization="local", name="Owner")
_MARK: Final = "tl_"


def owner_token(master: bytes) -> str:
    """The owner's bearer token: 256 bits derived from the key file, so it is stored nowhere."""
    return _MARK + urlsafe_b64encode(derive(master, "owner token v1")).rstrip(b"=").decode()
