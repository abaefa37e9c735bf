"""Clients whose id is the URL of a document about them (OAuth Client ID Metadata Document).

Whoever asks chooses the URL, so it is fetched with care: `fetch` must dial public addresses only, and once checked
dial those very addresses. The document must name the URL as its `client_id`, byte for byte.
"""

import re
from collections import OrderedDict
from collections.abc import Callable
from typing import Final
from urllib.parse import urlsplit

import msgspec

from trunkline.contract import Fault
from trunkline.identity.oauth import redirects
from trunkline.identity.oauth.clients import Client, Metadata, shown_name
from trunkline.identity.oauth.faults import OAuthFault
from trunkline.identity.oauth.throttle import Throttle
from trunkline.infra.fetch import Fetch, Fetched, Request
from trunkline.infra.http.addresses import is_numeric

LARGEST: Final = 16_384  # bytes of a document
_LONGEST: Final = 1_024  # characters of a URL
_KEPT: Final = 500  # documents
_LEAST, _MOST, _FAILED = 60.0, 86_400.0, 30.0  # seconds that a document, and a failure, is kept
_PATH: Final = re.compile(r"/[A-Za-z0-9\-._~!$&'()+,;=:@%/]*[A-Za-z0-9\-._~!$&'()+,;=:@%]")
_HOST: Final = re.compile(r"[a-z0-9-]+(?:\.[a-z0-9-]+)+(?::\d{1,5})?")
_MAX_AGE: Final = re.compile(r"max-age=(\d{1,9})")
_EACH, _TOTAL, _WINDOW = 30, 120, 60.0  # fetches for an address, and for all, in so many seconds


class Documents:
    """Fetches and keeps documents. `now` is in seconds and never goes back."""

    def __init__(self, fetch: Fetch, now: Callable[[], float]) -> None:
        self._fetch = fetch
        self._now = now
        self._throttle = Throttle(_EACH, _TOTAL, _WINDOW, now)
        self._kept: OrderedDict[str, tuple[float, Client | None]] = OrderedDict()

    async def find(self, id: str, address: str) -> Client | None:
        """The client described at `id`; None where there is no such document. `address` is of whoever asks.

        Raises Overloaded.
        """
        until, client = self._kept.get(id, (0.0, None))
        if until > self._now():
            return client
        if not is_document_id(id):
            return None
        self._throttle.take(address)
        client, seconds = await self._fetched(id)
        self._kept[id] = (self._now() + seconds, client)
        self._kept.move_to_end(id)
        while len(self._kept) > _KEPT:
            self._kept.popitem(last=False)
        return client

    async def _fetched(self, id: str) -> tuple[Client | None, float]:
        """The client and how long it may be kept."""
        try:
            answer = await self._fetch(Request(id))
            return _client(id, answer), _seconds(answer)
        except Fault:
            return None, _FAILED


def is_document_id(id: str) -> bool:
    """Whether a client id is the URL of a document: https, a host by name, a path, and nothing that is read twice."""
    if not id.startswith("https://") or len(id) > _LONGEST:
        return False
    parts = urlsplit(id)
    if is_numeric(parts.hostname or ""):
        return False
    plain = f"https://{parts.netloc}{parts.path}" == id
    dots = any(segment in (".", "..") for segment in parts.path.lower().replace("%2e", ".").split("/"))
    return plain and not dots and bool(_HOST.fullmatch(parts.netloc)) and bool(_PATH.fullmatch(parts.path))


def _client(id: str, answer: Fetched) -> Client:
    """Raises OAuthFault."""
    kind = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
    if answer.status != 200 or len(answer.body) > LARGEST or not (kind == "application/json" or kind.endswith("+json")):
        raise _unusable("it is not served as a JSON document")
    try:
        found = msgspec.json.decode(answer.body, type=Metadata)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise _unusable("it is no JSON object with redirect_uris") from None
    if found.client_id != id:
        raise _unusable("its client_id is not its URL")
    if found.client_secret is not None or found.client_secret_expires_at is not None:
        raise _unusable("a public document cannot hold a secret")
    if found.token_endpoint_auth_method not in (None, "none"):
        raise _unusable("its token_endpoint_auth_method is not none")
    uris = tuple(uri for uri in found.redirect_uris[:100] if _is_accepted(uri))
    if not uris:
        raise _unusable("no redirect URI of it is accepted")
    return Client(id, shown_name(found.client_name, urlsplit(id).netloc), uris, origin="document")


def _is_accepted(uri: str) -> bool:
    try:
        redirects.check(uri)
    except OAuthFault:
        return False
    return True


def _seconds(answer: Fetched) -> float:
    found = _MAX_AGE.search(answer.headers.get("cache-control", ""))
    return min(max(float(found[1]) if found else 3_600.0, _LEAST), _MOST)


def _unusable(why: str) -> OAuthFault:
    return OAuthFault("invalid_client_metadata", f"The client's document cannot be used: {why}.")
