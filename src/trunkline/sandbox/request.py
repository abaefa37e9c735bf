"""A request as it arrived, before anything is read into it."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import unquote, unquote_plus


@dataclass(frozen=True)
class Request:
    """`host` in lower case without port; `path` and `query` as sent (percent-encoded); `headers` by lower-case name."""

    method: str
    host: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes = b""

    @staticmethod
    def of(method: str, url: str, headers: Mapping[str, str], body: bytes = b"") -> "Request":
        """`url`: `host[:port]/path?query`."""
        rest, _, query = url.partition("?")
        host, slash, path = rest.partition("/")
        lowered = {name.lower(): value for name, value in headers.items()}
        return Request(method.upper(), bare_host(host), slash + path or "/", query, lowered, body)

    @property
    def content_type(self) -> str:
        return self.headers.get("content-type", "")

    @cached_property
    def query_values(self) -> dict[str, str]:
        """Decoded query values by decoded name (the last of several)."""
        pairs = (part.partition("=") for part in self.query.split("&") if part)
        return {unquote_plus(name): unquote_plus(value) for name, _, value in pairs}

    @cached_property
    def cookies(self) -> dict[str, str]:
        pairs = (part.strip().partition("=") for part in self.headers.get("cookie", "").split(";"))
        return {name: unquote(value) for name, _, value in pairs if name}


def bare_host(host: str) -> str:
    """`host` without a port, in lower case."""
    name, colon, port = host.lower().rpartition(":")
    return name if colon and port.isdigit() else host.lower()
