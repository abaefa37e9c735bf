"""The parts of a multipart/form-data body (RFC 7578)."""

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
    """The parts, in order. Raises ValueError where the body is not framed by `boundary`."""
    marker = b"--" + boundary.encode()
    first, *pieces = (b"\r\n" + body).split(b"\r\n" + marker)
    if not boundary or first or not pieces or not pieces[-1].startswith(b"--"):
        raise ValueError("not framed by the boundary")
    return [_part(piece.removeprefix(b"\r\n")) for piece in pieces[:-1]]


def _part(piece: bytes) -> Part:
    head, _, content = piece.partition(b"\r\n\r\n")
    headers = dict(_header(line) for line in head.decode("utf-8", "replace").split("\r\n"))
    disposition = parameters_of(headers.get("content-disposition", ""))
    if "name" not in disposition:
        raise ValueError("a part has no name")
    media_type = headers.get("content-type", "").partition(";")[0].strip().lower()
    return Part(disposition["name"], content, media_type, "filename" in disposition)


def _header(line: str) -> tuple[str, str]:
    name, _, value = line.partition(":")
    return name.strip().lower(), value.strip()
