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
_TEXT_KEYS: Final = (
    "message", "msg", "error_description", "error_message", "errorMessage", "detail", "description", "title", "reason",
    "error", "code",
)  # fmt: skip
_NESTED_KEYS: Final = (
    "error", "errorMessages", "errors", "details", "fault", "violations", "issues", "validation_errors",
    "invalid_params", "invalid-params", "fields", "causes", "message", "detail", "body",
)  # fmt: skip
_PLACE_KEYS: Final = ("field", "param", "pointer", "path", "loc", "location", "property", "attribute", "name")
_MOST: Final = 5
_DEEPEST: Final = 4
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
    elif isinstance(value, list) and depth < _DEEPEST:
        for item in cast("list[Any]", value)[:_MOST]:
            yield from _pieces(item, depth + 1)
    elif isinstance(value, dict) and depth < _DEEPEST:
        yield from _explained(cast("dict[str, Any]", value), depth)


def _explained(found: dict[str, Any], depth: int) -> Iterator[str]:
    """An object's own text, with the place it is about, then what its nested objects say."""
    text = next((found[key] for key in _TEXT_KEYS if isinstance(found.get(key), str) and found[key]), "")
    place = next((_place(found[key]) for key in _PLACE_KEYS if found.get(key)), "") if depth else ""
    if text:
        yield f"{place}: {text}" if place else text
    nested = [key for key in _NESTED_KEYS if isinstance(found.get(key), dict | list)]
    for key in nested:
        yield from _pieces(found[key], depth + 1)
    if not text and not nested and depth:
        facts = [f"{key}: {each}" for key, each in found.items() if isinstance(each, str | int | float) and each != ""]
        yield ", ".join(facts[:_MOST])


def _place(value: Any) -> str:
    return ".".join(str(step) for step in cast("list[Any]", value)) if isinstance(value, list) else str(value)


def _wait_hint(answer: Answer) -> str:
    after = answer.headers.get("Retry-After", "")
    if after.isdigit():
        return f"Wait {after} seconds, then call again."
    return "Wait a little, then call again."
