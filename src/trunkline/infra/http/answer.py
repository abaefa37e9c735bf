"""The bytes of an answer's head (RFC 9112), and how its end is told."""

import time
from collections.abc import Iterable
from email.utils import formatdate
from enum import Enum, auto
from functools import lru_cache
from http import HTTPStatus
from typing import Final

from trunkline.infra.http.asgi import Pair

_STATUS: Final = {each.value: f"HTTP/1.1 {each.value} {each.phrase}\r\n".encode("ascii") for each in HTTPStatus}
_OURS: Final = (b"connection", b"transfer-encoding", b"date")  # of this server's making, whatever the app says
_BODILESS: Final = frozenset({204, 304})


class Framing(Enum):
    """How a client tells where the body ends (RFC 9112, section 6)."""

    LENGTH = auto()
    CHUNKED = auto()
    CLOSE = auto()
    NONE = auto()


class Head:
    """Status and headers, with what this server adds: the framing, `date`, and `connection: close`."""

    __slots__ = ("_lines", "framing")

    def __init__(self, status: int, headers: Iterable[Pair], *, chunks: bool = True) -> None:
        """`chunks`: the client knows them. Raises ValueError for a name or value with a line break."""
        length = b""
        others: list[Pair] = []
        for pair in headers:
            if pair[0] == b"content-length":
                length = b"" if status == 204 else _line(pair)
            else:
                others.append(pair)
        self._lines = _lines(status, tuple(others)) + length
        unsaid = Framing.CHUNKED if chunks else Framing.CLOSE
        self.framing = Framing.NONE if status in _BODILESS else Framing.LENGTH if length else unsaid

    def text(self, *, keep_alive: bool) -> bytes:
        framing = self.framing
        chunked = b"transfer-encoding: chunked\r\n" if framing is Framing.CHUNKED else b""
        end = b"\r\n" if keep_alive and framing is not Framing.CLOSE else b"connection: close\r\n\r\n"
        return self._lines + chunked + _dates.line() + end


@lru_cache(1024)
def _lines(status: int, headers: tuple[Pair, ...]) -> bytes:
    """The status line and the headers that the app gave; most answers have the same but for their length."""
    first = _STATUS.get(status) or b"HTTP/1.1 %d \r\n" % status
    return first + b"".join(_line(pair) for pair in headers if pair[0] not in _OURS)


def _line(pair: Pair) -> bytes:
    """Raises ValueError."""
    line = b"%b: %b\r\n" % pair
    if line.find(b"\n") != len(line) - 1 or line.find(b"\0") >= 0:
        raise ValueError("a header holds a line break")
    return line


def plain(status: int) -> bytes:
    """A whole answer to what is not answered by the app: a bad request, a request that took too long."""
    text = HTTPStatus(status).phrase.encode("ascii")
    head = Head(status, [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", b"%d" % len(text))])
    return head.text(keep_alive=False) + text


def part(framing: Framing, body: bytes, *, last: bool) -> bytes:
    """A part of the body on the wire."""
    if framing is Framing.NONE:
        return b""
    if framing is not Framing.CHUNKED:
        return body
    chunk = b"%x\r\n%b\r\n" % (len(body), body) if body else b""
    return chunk + b"0\r\n\r\n" if last else chunk


class _Dates:
    """The `date` header, made anew once a second."""

    def __init__(self) -> None:
        self._second = 0
        self._text = b""

    def line(self) -> bytes:
        second = int(time.time())
        if second != self._second:
            self._second, self._text = second, f"date: {formatdate(second, usegmt=True)}\r\n".encode("ascii")
        return self._text


_dates: Final = _Dates()
