"""A service's error answer as a fault: what it says, in few words, and what to do next."""

import re
from collections.abc import Iterator
from typing import Any, Final, cast

import msgspec

from trunkline.category.credentials import redact
from trunkline.category.upstream import Answer
from trunkline.contract import CredentialRejected, Fault, Service, UpstreamFailed, UpstreamUnavailable

MAX_MESSAGE: Final = 600
_BUSY: Final = frozenset((429, 500, 502, 503, 504))
# In the order in which services put the best text first.
_MESSAGE_KEYS: Final = (
    "message", "error_description", "error", "detail", "details", "description", "title", "reason",
    "errorMessage", "errorMessages", "errors", "error_message", "fault", "code", "field", "param",
)  # fmt: skip
_TAGS: Final = re.compile(r"<(script|style)\b.*?</\1\s*>|<[^>]*>", re.DOTALL | re.IGNORECASE)
_BLANKS: Final = re.compile(r"\s+")
_HINTS: Final = {
    400: "Correct the arguments: describe_tools has the exact schema.",
    403: "The connected account may not do this; another account or more scopes may.",
    404: "Check ids and names; the connected account may also not see it.",
    409: "Look at the current state first.",
    422: "Correct the arguments: describe_tools has the exact schema.",
}


def fault_for(answer: Answer, service: Service, secrets: tuple[str, ...]) -> Fault:
    """The fault for an answer with an error status."""
    said = redact(message_of(answer), secrets)
    text = f"{service.title} answered {answer.status}" + (f": {said}" if said else "")
    if answer.status == 401:
        return CredentialRejected(text)
    if answer.status in _BUSY:
        return UpstreamUnavailable(text, _wait_hint(answer))
    return UpstreamFailed(text, _HINTS.get(answer.status, ""))


def message_of(answer: Answer) -> str:
    """The service's own words, at most `MAX_MESSAGE` characters."""
    text = answer.body.decode("utf-8", "replace")
    try:
        pieces = list(dict.fromkeys(_pieces(msgspec.json.decode(answer.body))))
        text = "; ".join(pieces) if pieces else text
    except (msgspec.DecodeError, RecursionError):
        text = _TAGS.sub(" ", text[: MAX_MESSAGE * 50])
    text = _BLANKS.sub(" ", "".join(c for c in text if c.isprintable() or c.isspace())).strip()
    return text if len(text) <= MAX_MESSAGE else text[: MAX_MESSAGE - 1] + "…"


def _pieces(value: Any, depth: int = 0) -> Iterator[str]:
    """The texts that explain an error, found under the names services use for them."""
    if isinstance(value, str) and value:
        yield value
    elif isinstance(value, list) and depth < 4:
        for item in cast("list[Any]", value)[:5]:
            yield from _pieces(item, depth + 1)
    elif isinstance(value, dict) and depth < 4:
        found = cast("dict[str, Any]", value)
        named = [key for key in _MESSAGE_KEYS if key in found]
        for key in named or (list(found)[:5] if depth else ()):
            label = f"{key}: " if not named else ""
            yield from (f"{label}{piece}" for piece in _pieces(found[key], depth + 1))


def _wait_hint(answer: Answer) -> str:
    if answer.retry_after.isdigit():
        return f"Wait {answer.retry_after} seconds, then call again."
    return "Wait a little, then call again."
