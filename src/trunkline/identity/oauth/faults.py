"""What the authorization server refuses, with the error codes of the standards."""

from typing import ClassVar, Final

from trunkline.contract import Fault

_UNAUTHORIZED: Final = 401


class OAuthFault(Fault):
    """`error` is the code on the wire (RFC 6749 sections 4.1.2.1 and 5.2, RFC 7591 section 3.2.2, RFC 8707)."""

    code: ClassVar[str] = "oauth_refused"

    def __init__(self, error: str, message: str, hint: str = "", *, status: int = 400) -> None:
        super().__init__(message, hint)
        self.error = error
        self.status = status


class Unsafe(OAuthFault):
    """The request names no client, or no redirect URI of its client: told to the person, never redirected anywhere."""


def invalid_request(message: str) -> OAuthFault:
    return OAuthFault("invalid_request", message)


def invalid_grant() -> OAuthFault:
    """One text for every reason: an attacker learns nothing of which it was."""
    return OAuthFault("invalid_grant", "The code or token is not valid, has expired, or was used before.")


def invalid_client() -> OAuthFault:
    """Clients that see this register anew."""
    return OAuthFault("invalid_client", "The client is not known here, or not with this secret.", status=_UNAUTHORIZED)


def invalid_target(message: str) -> OAuthFault:
    return OAuthFault("invalid_target", message)


def invalid_scope(message: str) -> OAuthFault:
    return OAuthFault("invalid_scope", message)
