"""Files in answers: shown where a client can show them, passed on where they are small, else told of."""

import re
from typing import Final
from urllib.parse import unquote

import msgspec

from trunkline.category.upstream import Answer
from trunkline.contract import File, ToolResult

MOST_SHOWN: Final = 4 * 1024 * 1024  # bytes of an image or a sound
MOST_PASSED_ON: Final = 1024 * 1024  # bytes of any other file: a model pays for each of them
# RFC 6266: the extended form wins over the plain one.
_EXTENDED_NAME: Final = re.compile(r"filename\*\s*=\s*(?:utf-8|iso-8859-1)'[^']*'([^;\s]+)", re.IGNORECASE)
_NAME: Final = re.compile(r"filename\s*=\s*(?:\"((?:[^\"\\]|\\.)*)\"|([^;\s]+))", re.IGNORECASE)
_SHOWN: Final = ("image/", "audio/")
_ANY: Final = "application/octet-stream"


def result(answer: Answer, kind: str) -> ToolResult:
    """The result for an answer whose body is a file of the media type `kind`."""
    size, name = len(answer.body), file_name(answer)
    told: dict[str, object] = {"content_type": kind or _ANY, "bytes": size}
    if name:
        told["name"] = name
    most = MOST_SHOWN if kind.startswith(_SHOWN) else MOST_PASSED_ON
    if size > most:
        told["note"] = f"too large to be passed on: at most {most} bytes"
        return ToolResult(_text(told), status=answer.status, truncated=True)
    return ToolResult(_text(told), status=answer.status, files=(File(kind or _ANY, name, answer.body),))


def elsewhere(answer: Answer) -> ToolResult:
    """The result for a redirect to another host, which is not followed: whoever reads it may."""
    told: dict[str, object] = {"redirect_to": answer.location, "status": answer.status}
    links = (File("", "", url=answer.location),) if answer.location.startswith("https://") else ()
    return ToolResult(_text(told), status=answer.status, files=links)


def file_name(answer: Answer) -> str:
    """The name that the service gives a file, without folders; "" for none (RFC 6266, section 4.3)."""
    said = answer.headers.get("Content-Disposition", "")
    extended, plain = _EXTENDED_NAME.search(said), _NAME.search(said)
    name = plain[1] or plain[2] or "" if plain else ""
    if extended:
        name = unquote(extended[1], errors="replace")
    return re.split(r"[/\\]", "".join(letter for letter in name if letter.isprintable()))[-1][:255]


def _text(told: dict[str, object]) -> str:
    return msgspec.json.encode(told).decode()
