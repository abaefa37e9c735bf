"""A service's error as a fault: AWS says what is wrong by a code."""

from typing import TYPE_CHECKING, Final

from trunkline.category.credentials import redact
from trunkline.category.failure import MAX_MESSAGE
from trunkline.contract import CredentialRejected, Fault, Service, UpstreamFailed, UpstreamUnavailable

if TYPE_CHECKING:
    from trunkline.category.aws.operation import Outcome

_BUSY: Final = frozenset((429, 500, 502, 503, 504))
_BUSY_WORDS: Final = ("Throttl", "TooManyRequests", "SlowDown", "RequestLimitExceeded", "ThroughputExceeded")
_REJECTED: Final = frozenset((
    "AuthFailure", "ExpiredToken", "ExpiredTokenException", "IncompleteSignature", "InvalidAccessKeyId",
    "InvalidClientTokenId", "InvalidSignatureException", "InvalidToken", "MissingAuthenticationToken",
    "MissingAuthenticationTokenException", "RequestExpired", "SignatureDoesNotMatch", "TokenRefreshRequired",
    "UnrecognizedClientException",
))  # fmt: skip
_SKEWED: Final = frozenset(("RequestTimeTooSkewed",))
_ABSENT_WORDS: Final = ("NotFound", "NoSuch", "DoesNotExist")


def fault_for(outcome: "Outcome", service: Service, retry_after: str, secrets: tuple[str, ...]) -> Fault:
    """The fault for an answer that is not good."""
    said = ": ".join(filter(None, (outcome.code, " ".join(outcome.message.split()))))
    text = redact(f"{service.title} answered {outcome.status}: {said or 'an error'}", secrets)[:MAX_MESSAGE]
    if outcome.code in _REJECTED:
        return CredentialRejected(text)
    if outcome.status in _BUSY or any(word in outcome.code for word in _BUSY_WORDS):
        wait = f"Wait {retry_after} seconds" if retry_after.isdigit() else "Wait a little"
        return UpstreamUnavailable(text, f"{wait}, then call again.")
    return UpstreamFailed(text, _hint(outcome))


def _hint(outcome: "Outcome") -> str:
    if outcome.code in _SKEWED:
        return "The clock of the machine that runs Trunkline is wrong."
    if outcome.status == 403 or "AccessDenied" in outcome.code or "Unauthorized" in outcome.code:
        return "The access key may not do this: its policy needs the action that the message names."
    if outcome.status == 404 or any(word in outcome.code for word in _ABSENT_WORDS):
        return "Check names, ids and the connection's region."
    if outcome.status in (301, 307):
        return "The bucket is in another region: connect the service again with that one."
    return "Correct the arguments: describe_tools has the exact schema."
