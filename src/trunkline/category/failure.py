"""A service's error answer as a fault: what it says, in few words, and what to do next."""

import re
import time
from collections.abc import Iterator, Mapping
from html import unescape
from typing import Any, Final, cast

import msgspec

from trunkline.category.credentials import redact
from trunkline.category.quota import asked_wait, wait_hint
from trunkline.category.upstream import Answer
from trunkline.contract import CredentialRejected, Fault, InvalidArguments, Service, UpstreamFailed, UpstreamUnavailable

MAX_MESSAGE: Final = 600
_BUSY: Final = frozenset((429, 500, 502, 503, 504))
# In the order in which services put the best text first.
_TEXT_KEYS: Final = (
    "message", "msg", "error_description", "error_message", "errormessage", "detail", "description", "title", "reason",
    "error", "code",
)  # fmt: skip
_NESTED_KEYS: Final = (
    "error", "errormessages", "errors", "details", "fault", "violations", "issues", "validation_errors",
    "invalid_params", "invalid-params", "fields", "causes", "message", "detail", "body",
)  # fmt: skip
_PLACE_KEYS: Final = ("field", "param", "pointer", "source", "path", "loc", "location", "property", "attribute", "name")
_MOST: Final = 5
_DEEPEST: Final = 4
_TAGS: Final = re.compile(r"<(script|style)\b.*?</\1\s*>|<[^>]*>", re.DOTALL | re.IGNORECASE)
_SAYING: Final = re.compile(
    r"<(?:\w+:)?(message|code|faultstring|detail|error_description)>([^<]{1,2000})<", re.IGNORECASE
)
_SCOPE: Final = re.compile(r'scope="([^"]+)"')
_HEAD: Final = 1_000
_MOST_HINT: Final = 200
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
    wait = asked_wait(answer.status, answer.headers, time.time())
    if answer.status in _BUSY or wait is not None:
        return UpstreamUnavailable(text, wait_hint(wait))
    if answer.status == 401:
        return CredentialRejected(text)
    if answer.status == 422:
        return InvalidArguments(text, _HINTS[422])
    if answer.status == 403:
        return UpstreamFailed(text, redact(_scope_hint(answer.headers), secrets) or _HINTS[403])
    return UpstreamFailed(text, _HINTS.get(answer.status, ""))


def _scope_hint(headers: Mapping[str, str]) -> str:
    """Which scopes are missing, as RFC 6750, section 3, says it, or GitHub; "" where nothing says so."""
    challenge = headers.get("WWW-Authenticate", "")
    named = _SCOPE.search(challenge) if "insufficient_scope" in challenge else None
    wanted = named[1].split() if named else _listed(headers.get("X-Accepted-OAuth-Scopes", ""))
    held = _listed(headers.get("X-OAuth-Scopes", ""))
    if not wanted or (not named and set(wanted) & set(held)):
        return ""
    either = " ".join(wanted) if named else " or ".join(wanted)
    has = f" It has {' '.join(held)}." if held else ""
    return f"The connection lacks the scope {either[:_MOST_HINT]}.{has[:_MOST_HINT]} Connect the service again with it."


def _listed(scopes: str) -> list[str]:
    return [scope.strip() for scope in scopes.split(",") if scope.strip()]


def message_of(answer: Answer) -> str:
    """The service's own words, at most `MAX_MESSAGE` characters."""
    text = answer.body.decode("utf-8", "replace")
    try:
        pieces = list(dict.fromkeys(_pieces(msgspec.json.decode(answer.body))))
        text = "; ".join(pieces) if pieces else text
    except (msgspec.DecodeError, RecursionError):
        text = _of_markup(text[: MAX_MESSAGE * 50])
    text = _BLANKS.sub(" ", "".join(c for c in text if c.isprintable() or c.isspace())).strip()
    return text if len(text) <= MAX_MESSAGE else text[: MAX_MESSAGE - 1] + "…"


def _of_markup(text: str) -> str:
    """What an XML error says in the elements that services use for it, else the text without its tags."""
    said = [(name.lower(), _TAGS.sub(" ", inner)) for name, inner in _SAYING.findall(text)]
    if not said or "<html" in text[:_HEAD].lower():
        return unescape(_TAGS.sub(" ", text))
    return unescape("; ".join(dict.fromkeys(inner for _, inner in sorted(said, key=lambda each: each[0] == "code"))))


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
    found = {name.lower(): value for name, value in found.items()}  # AWS and Azure write `Message`
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
    if isinstance(value, dict):  # JSON:API's source: {pointer | parameter}
        value = next(iter(cast("dict[str, Any]", value).values()), "")
    return ".".join(str(step) for step in cast("list[Any]", value)) if isinstance(value, list) else str(value)
