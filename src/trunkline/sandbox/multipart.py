"""The parts of a multipart body: named ones (multipart/form-data, RFC 7578), and any (RFC 2046)."""

import re
from dataclasses import dataclass

_PARAMETER = re.compile(r';\s*(name|filename|boundary)\*?=(?:"((?:[^"\\]|\\.)*)"|([^;\s]*))', re.IGNORECASE)


@dataclass(frozen=True)
class Part:
    name: str
    content: bytes
    media_type: str  # "" where the part does not say
    is_file: bool


def parameters_of(header: str) -> dict[str, str]:
    """Parameters `name`, `filename` and `boundary` of a header's value."""
    return {found[1].lower(): found[2] or found[3] or "" for found in _PARAMETER.finditer(header)}


def parts_of(body: bytes, boundary: str) -> list[Part]:
    """The named parts, in order. Raises ValueError where the body is not framed by `boundary`."""
    return [_part(piece) for piece in _pieces(body, boundary)]


def contents_of(body: bytes, boundary: str) -> list[tuple[str, bytes]]:
    """(media type, content) of each part, in order. Raises ValueError where the body is not framed by `boundary`."""
    split = [_split(piece) for piece in _pieces(body, boundary)]
    return [(_media_type(headers), content) for headers, content in split]


def _pieces(body: bytes, boundary: str) -> list[bytes]:
    marker = b"--" + boundary.encode()
    first, *pieces = (b"\r\n" + body).split(b"\r\n" + marker)
    if not boundary or first or not pieces or not pieces[-1].startswith(b"--"):
        raise ValueError("not framed by the boundary")
    return [piece.removeprefix(b"\r\n") for piece in pieces[:-1]]


def _split(piece: bytes) -> tuple[dict[str, str], bytes]:
    head, _, content = piece.partition(b"\r\n\r\n")
    return dict(_header(line) for line in head.decode("utf-8", "replace").split("\r\n")), content


def _media_type(headers: dict[str, str]) -> str:
    return headers.get("content-type", "").partition(";")[0].strip().lower()


def _part(piece: bytes) -> Part:
    headers, content = _split(piece)
    disposition = parameters_of(headers.get("content-disposition", ""))
    if "name" not in disposition:
        raise ValueError("a part has no name")
    return Part(disposition["name"], content, _media_type(headers), "filename" in disposition)


def _header(line: str) -> tuple[str, str]:
    name, _, value = line.partition(":")
    return name.strip().lower(), value.strip()
