"""Random secrets and what is kept of them: 256 bits, so that a plain SHA-256 cannot be turned back."""

import hashlib
import hmac
import secrets
from base64 import urlsafe_b64encode
from typing import Final

KEY_MARK: Final = "tl_key_"  # API keys begin with it


def new_id() -> str:
    """An opaque id that says nothing and cannot be guessed."""
    return secrets.token_hex(16)


def new_secret() -> str:
    """256 bits, in base64url without padding (43 characters)."""
    return secrets.token_urlsafe(32)


def digest(secret: str) -> str:
    """What is stored and looked up instead of `secret`: an index over digests tells nothing of how much fits."""
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()


def derived(secret: str, purpose: str) -> str:
    """A further secret for `purpose` (HMAC-SHA256), in base64url."""
    return base64url(hmac.digest(secret.encode("utf-8", "replace"), purpose.encode("utf-8", "replace"), "sha256"))


def base64url(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode("ascii")
