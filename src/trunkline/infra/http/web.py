"""Requests and answers of pages: what a handler takes and what it gives back.

A handler is `async (Request) -> Response`; `admin.site.Router` reads the one and sends the other.
"""

from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Final
from urllib.parse import parse_qsl

import msgspec
import orjson

from trunkline.contract import InvalidArguments
from trunkline.infra.http.asgi import Pair, Scope

FORM: Final = "application/x-www-form-urlencoded"
_MOST_FIELDS: Final = 100


class Fields(msgspec.Struct, frozen=True):
    """The parameters of a query or a form, in their order; a name may come more than once."""

    pairs: tuple[tuple[str, str], ...] = ()

    def get(self, name: str, default: str = "") -> str:
        """The first value."""
        return next((value for key, value in self.pairs if key == name), default)

    def all(self, name: str) -> tuple[str, ...]:
        return tuple(value for key, value in self.pairs if key == name)

    def __contains__(self, name: str) -> bool:
        return any(key == name for key, _ in self.pairs)

    def repeated(self) -> frozenset[str]:
        """Names that come more than once (RFC 6749 section 3.1 forbids it)."""
        names = [key for key, _ in self.pairs]
        return frozenset(name for name in names if names.count(name) > 1)


@dataclass(frozen=True)
class Request:
    """One request of a browser or a client. `params` are the parts of the path that the route names.

    `user` is the signed-in user (an `identity.ports.SignedIn`) where the route asks for one, else None.
    """

    method: str
    path: str
    scope: Scope
    headers: Mapping[bytes, bytes]
    body: bytes = b""
    params: Mapping[str, str] = field(default_factory=dict[str, str])
    user: Any = None

    @cached_property
    def query(self) -> Fields:
        return fields(self.scope.get("query_string", b""))

    @cached_property
    def form(self) -> Fields:
        """Raises InvalidArguments where the body is no form."""
        kind = self.headers.get(b"content-type", b"").partition(b";")[0].strip().lower()
        if kind != FORM.encode():
            raise InvalidArguments("A form is expected.", f"Send {FORM}.")
        return fields(self.body)

    @cached_property
    def cookies(self) -> Mapping[str, str]:
        return cookies(self.headers.get(b"cookie", b""))


@dataclass(frozen=True)
class Response:
    """An answer. `form_targets` are origins, besides ours, that a form of this page may lead to (CSP form-action).

    `stream`, if there is one, is sent part by part instead of `body`.
    """

    status: int = 200
    body: bytes = b""
    headers: tuple[Pair, ...] = ()
    form_targets: tuple[str, ...] = ()
    stream: AsyncGenerator[bytes, None] | None = None

    def with_headers(self, *more: Pair) -> "Response":
        return replace(self, headers=(*self.headers, *more))


Handler = Callable[[Request], Awaitable[Response]]


def html(body: bytes, status: int = 200, *, form_targets: Iterable[str] = ()) -> Response:
    return Response(status, body, ((b"content-type", b"text/html; charset=utf-8"),), tuple(form_targets))


def text(body: str, status: int = 200) -> Response:
    return Response(status, body.encode(), ((b"content-type", b"text/plain; charset=utf-8"),))


def json(value: Any, status: int = 200) -> Response:
    return Response(status, orjson.dumps(value), ((b"content-type", b"application/json"),))


def redirect(location: str, status: int = 303) -> Response:
    """Raises ValueError for a location that is no header value."""
    if not location.isprintable():
        raise ValueError("a location is one line of a header")
    return Response(status, b"", ((b"location", location.encode("ascii")),))


def fields(raw: bytes) -> Fields:
    """Reads a query string or an urlencoded body. Raises InvalidArguments where it holds too much or is no UTF-8."""
    try:
        pairs = parse_qsl(raw.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=_MOST_FIELDS)
    except (ValueError, UnicodeDecodeError):
        raise InvalidArguments("The parameters cannot be read.", "Send fewer, percent-encoded as UTF-8.") from None
    return Fields(tuple(pairs))


def cookies(header: bytes) -> dict[str, str]:
    """The first value of each name (RFC 6265 section 5.4 sends the most specific first)."""
    found: dict[str, str] = {}
    for part in header.decode("latin-1").split(";"):
        name, equals, value = part.strip().partition("=")
        if equals:
            found.setdefault(name, value)
    return found


def set_cookie(name: str, value: str, seconds: int, *, secure: bool) -> Pair:
    """A cookie that scripts cannot read and other sites' forms do not send; `seconds` 0 removes it."""
    attributes = f"; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax" + ("; Secure" if secure else "")
    return b"set-cookie", f"{name}={value}{attributes}".encode("ascii")
