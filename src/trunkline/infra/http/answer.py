"""The bytes of an answer's head (RFC 9112), and how its end is told."""

import time
from collections.abc import Iterable
from email.utils import formatdate
from enum import Enum, auto
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
        self.framing = Framing.NONE if status in _BODILESS else Framing.CHUNKED if chunks else Framing.CLOSE
        lines = [_STATUS.get(status) or b"HTTP/1.1 %d \r\n" % status]
        for name, value in headers:
            if name in _OURS or (name == b"content-length" and status == 204):
                continue
            if name == b"content-length" and self.framing is not Framing.NONE:
                self.framing = Framing.LENGTH
            lines.append(b"%b: %b\r\n" % (name, value))
        self._lines = b"".join(lines)
        if self._lines.count(b"\n") != len(lines) or b"\0" in self._lines:
            raise ValueError("a header holds a line break")

    def text(self, *, keep_alive: bool) -> bytes:
        ends = b"" if keep_alive and self.framing is not Framing.CLOSE else b"connection: close\r\n"
        chunked = b"transfer-encoding: chunked\r\n" if self.framing is Framing.CHUNKED else b""
        return b"%b%bdate: %b\r\n%b\r\n" % (self._lines, chunked, _dates.now(), ends)


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
    """The value of `date`, made anew once a second."""

    def __init__(self) -> None:
        self._second = 0
        self._text = b""

    def now(self) -> bytes:
        second = int(time.time())
        if second != self._second:
            self._second, self._text = second, formatdate(second, usegmt=True).encode("ascii")
        return self._text


_dates: Final = _Dates()
