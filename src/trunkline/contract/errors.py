"""Errors are facts: what is wrong, whether trying again helps, and what to do next.

A `Fault` never carries a secret, an upstream header or a stack trace: its text is shown to a model.
`Fact` is its form on the wire between processes and in the audit log.
"""

from typing import ClassVar

import msgspec


class Fact(msgspec.Struct, frozen=True, array_like=True):
    """A fault as data."""

    code: str
    message: str
    hint: str
    retryable: bool


class Fault(Exception):
    """Base of every expected failure. `message` says what is wrong, `hint` what to do next."""

    code: ClassVar[str] = "internal"
    retryable: ClassVar[bool] = False
    default_hint: ClassVar[str] = ""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint or self.default_hint

    def fact(self) -> Fact:
        return Fact(self.code, self.message, self.hint, self.retryable)


class NotFound(Fault):
    """No such tool, service or toolset, or none that this caller may see (the two look the same on purpose)."""

    code = "not_found"
    default_hint = "Search with find_tools and use a name exactly as it is returned."


class InvalidArguments(Fault):
    """The arguments do not fit the tool's input schema."""

    code = "invalid_arguments"
    default_hint = "Read the tool's schema with describe_tools, then call again."


class NeedsConnection(Fault):
    """The service is known, but the caller has no connection to it."""

    code = "needs_connection"


class NeedsApproval(Fault):
    """A person must approve this call first."""

    code = "needs_approval"


class PolicyDenied(Fault):
    """Policy refuses this call."""

    code = "policy_denied"


class InsufficientScope(PolicyDenied):
    """The caller's access token does not cover this call."""

    code = "insufficient_scope"
    default_hint = "Authorize this client again, with the scope mcp."


class Unauthenticated(Fault):
    """No valid credential of the caller's own."""

    code = "unauthenticated"


class CredentialRejected(Fault):
    """The service refused the stored credential (401)."""

    code = "credential_rejected"
    default_hint = "Reconnect the service, then call again."


class HostDenied(Fault):
    """The request would leave the service's host allow-list."""

    code = "host_denied"


class TicketRejected(Fault):
    """A category server refused a ticket: forged, expired, used, or bound to another call."""

    code = "ticket_rejected"


class UpstreamFailed(Fault):
    """The service answered with an error (4xx or 5xx) or broke the connection."""

    code = "upstream_failed"


class UpstreamUnavailable(UpstreamFailed):
    """The service is overloaded or down (429, 502, 503, 504, connection refused): a later try may succeed."""

    code = "upstream_unavailable"
    retryable = True


class UpstreamTimeout(Fault):
    """No complete answer within the time allowed."""

    code = "upstream_timeout"
    retryable = True


class CategoryUnavailable(Fault):
    """The category server died, hung or could not start."""

    code = "category_unavailable"
    retryable = True
    default_hint = "It is being restarted: call again in a moment."


class Overloaded(Fault):
    """A limit of ours is reached: calls in flight, queue length, answer size."""

    code = "overloaded"
    retryable = True


class Cancelled(Fault):
    """The caller gave the call up."""

    code = "cancelled"


class AuditUnavailable(Fault):
    """The audit log cannot be written; a call that may change something is not made without it."""

    code = "audit_unavailable"
    retryable = True


class DatabaseUnavailable(Fault):
    """The database of the gateway does not answer, is locked or is full."""

    code = "database_unavailable"
    retryable = True
    default_hint = "Call again later; nothing has to be restarted once it is back."


class KeysUnavailable(Fault):
    """Stored credentials cannot be opened: the key that protects them is missing, or its service does not answer."""

    code = "keys_unavailable"
    retryable = True
    default_hint = "Credentials stay sealed meanwhile. Call again later; `trunkline keys status` says what is wrong."


class InvalidManifest(Fault):
    """A module's manifest or an API description cannot be used."""

    code = "invalid_manifest"


class InvalidSettings(Fault):
    """A setting has a value it cannot have."""

    code = "invalid_settings"


class Internal(Fault):
    """A bug of ours, caught at a process boundary. The details are in the log, not here."""

    default_hint = "This is a fault of Trunkline; its log has the details."


def _kinds(kind: type[Fault]) -> dict[str, type[Fault]]:
    found = {kind.code: kind}
    for child in kind.__subclasses__():
        found |= _kinds(child)
    return found


def fault_of(fact: Fact) -> Fault:
    """The fault that `fact` describes; an unknown code becomes `Internal`."""
    return _BY_CODE.get(fact.code, Internal)(fact.message, fact.hint)


_BY_CODE = _kinds(Fault) | {"internal": Internal}
