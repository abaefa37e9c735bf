"""How long a service asks us to wait, and who has to: the next call of the same connection is told at once.

A service that is asked again and again while it refuses may refuse for longer, or for good.
"""

import re
import time
from collections.abc import Callable, Mapping
from email.utils import parsedate_to_datetime
from typing import Final

from trunkline.contract import AllowedCall, UpstreamUnavailable

MOST_SECONDS: Final = 900.0  # after which a service is asked again, whatever it said
_MOST_KEPT: Final = 10_000
_LIMITED: Final = frozenset((403, 429, 503))
_NUMBER: Final = re.compile(r"\d+(?:\.\d+)?")
_EPOCH: Final = 1_000_000_000  # a larger number is a time, not a number of seconds
_EPOCH_MS: Final = 1_000_000_000_000
# draft-ietf-httpapi-ratelimit-headers: `"default";r=0;t=30`, and `remaining=0, reset=30` in its older editions.
_REMAINING: Final = re.compile(r"(?:\br|remaining)=(\d+)")
_RESET: Final = re.compile(r"(?:\bt|reset)=(\d+)")
_STEMS: Final = ("RateLimit", "X-RateLimit", "X-Rate-Limit", "X-RateLimit-Requests", "X-HubSpot-RateLimit-Secondly")
# What names a part of the service that has a quota of its own.
_PARTS: Final = ("X-RateLimit-Bucket", "X-RateLimit-Resource", "X-RateLimit-Scope")
_WHOLE: Final = frozenset(("core", "global", ""))

Key = tuple[str, str, str]


def asked_wait(status: int, headers: Mapping[str, str], now: float) -> float | None:
    """Seconds that an answer asks to wait; None where it does not, or does not say how long.

    A 403 counts only if it says that a quota is used up, as GitHub's does.
    """
    if status not in _LIMITED:
        return None
    after = _retry_after(headers, now)
    return after if after is not None else _until_reset(headers, now)


def _retry_after(headers: Mapping[str, str], now: float) -> float | None:
    """RFC 9110, section 10.2.3: seconds or a date; and milliseconds, as Azure and OpenAI say it."""
    for name in ("Retry-After-Ms", "X-Ms-Retry-After-Ms"):
        if _NUMBER.fullmatch(headers.get(name, "")):
            return float(headers[name]) / 1000
    text = headers.get("Retry-After", "").strip()
    if _NUMBER.fullmatch(text):
        return float(text)
    try:
        return max(parsedate_to_datetime(text).timestamp() - now, 0.0)
    except (ValueError, TypeError, OverflowError):
        return None


def _until_reset(headers: Mapping[str, str], now: float) -> float | None:
    """Until the quota is full again, where none of it is left."""
    combined = headers.get("RateLimit", "")
    left, reset = _REMAINING.search(combined), _RESET.search(combined)
    if left and reset:
        return float(reset[1]) if int(left[1]) == 0 else None
    for stem in _STEMS:
        text = headers.get(f"{stem}-Reset", "").strip()
        if headers.get(f"{stem}-Remaining", "").strip() == "0" and _NUMBER.fullmatch(text):
            number = float(text)
            return max(number / 1000 - now if number > _EPOCH_MS else number - now if number > _EPOCH else number, 0.0)
    return None


class Quotas:
    """Remembers, for each connection, until when its service wants no calls."""

    def __init__(self, now: Callable[[], float] = time.time) -> None:
        self._now = now
        self._until: dict[Key, float] = {}

    def check(self, call: AllowedCall) -> None:
        """Raises UpstreamUnavailable while the service wants no call like this one."""
        if not self._until:
            return
        until = max(self._until.get(key, 0.0) for key in (_key(call, ""), _key(call, call.tool)))
        if until > self._now():
            raise too_many(call.service, until - self._now())

    def saw(self, call: AllowedCall, status: int, headers: Mapping[str, str]) -> None:
        """Takes note of an answer that asks to wait."""
        now = self._now()
        wait = asked_wait(status, headers, now)
        if not wait:
            return
        part = next((headers[name] for name in _PARTS if name in headers), "")
        self._forget(now)
        self._until[_key(call, "" if part in _WHOLE else call.tool)] = now + min(wait, MOST_SECONDS)

    def _forget(self, now: float) -> None:
        if len(self._until) >= _MOST_KEPT:
            self._until = {key: until for key, until in self._until.items() if until > now}
        if len(self._until) >= _MOST_KEPT:
            del self._until[next(iter(self._until))]


def too_many(service: str, seconds: float) -> UpstreamUnavailable:
    """The fault of a call that was not made because the service asked to wait."""
    return UpstreamUnavailable(f"{service} takes no more calls of this connection for now", wait_hint(seconds))


def wait_hint(seconds: float | None) -> str:
    return "Wait a little, then call again." if seconds is None else f"Wait {_whole(seconds)} seconds, then call again."


def _whole(seconds: float) -> int:
    """Rounded up: too early is asked in vain."""
    return max(-int(-seconds // 1), 1)


def _key(call: AllowedCall, tool: str) -> Key:
    return call.service, call.connection.id if call.connection else call.subject, tool
