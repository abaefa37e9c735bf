"""The owner's one-time link: whoever can read the key file can make one.

It is a signature over its expiry and a random number, so that making one needs the key file and nothing else; that it
was used is written down (`owner_link.OwnerLinks`).
"""

import hmac
import secrets
import struct
from typing import Final

from trunkline.identity.tokens import base64url
from trunkline.infra.keyfile import derive

LINK_SECONDS: Final = 15 * 60
BODY_BYTES: Final = 8 + 16  # expiry and random number
_PURPOSE: Final = "owner link v1"


def owner_link(url: str, master: bytes, now: float) -> str:
    """A link below `url` that is good for `LINK_SECONDS`."""
    body = struct.pack(">Q", int(now) + LINK_SECONDS) + secrets.token_bytes(BODY_BYTES - 8)
    return f"{url}/login/link/{base64url(body + signature(master, body))}"


def signature(master: bytes, body: bytes) -> bytes:
    return hmac.digest(derive(master, _PURPOSE), body, "sha256")
