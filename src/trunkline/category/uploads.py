"""Files in arguments, in each form in which a model has them."""

import base64
import binascii
import re
from typing import Final, NamedTuple
from urllib.parse import unquote_to_bytes

from trunkline.category import encode
from trunkline.category.encode import Json
from trunkline.contract import InvalidArguments

_HINT: Final = (
    'Give {"filename": "a.txt", "content_base64": "..."}, a data: URI (data:text/csv;base64,...) or the text.'
)
_DATA: Final = re.compile(r"data:([\w.+-]+/[\w.+-]+)?((?:;[\w-]+=[\w.+-]+)*)(;base64)?,", re.IGNORECASE)  # RFC 2397


class Content(NamedTuple):
    """`name` and `media_type` are empty where nothing says them."""

    data: bytes
    name: str = ""
    media_type: str = ""


def content(argument: str, value: Json) -> Content:
    """The file that `value` is: an object with its content in base64, a data: URI, or its text.

    Raises InvalidArguments. Nothing is fetched: a file elsewhere is no content.
    """
    if not isinstance(value, dict):
        return _of_text(argument, encode.text(value))
    text = value.get("content_base64")
    if not isinstance(text, str):
        raise InvalidArguments(f"`{argument}` is a file, and this does not hold its content", _HINT)
    return Content(_decoded(f"{argument}.content_base64", text), encode.text(value.get("filename")))


def _of_text(argument: str, text: str) -> Content:
    found = _DATA.match(text)
    if found is None:
        return Content(text.encode())
    rest = text[found.end() :]
    data = _decoded(argument, rest) if found[3] else unquote_to_bytes(rest)
    return Content(data, "", found[1] or "text/plain")


def _decoded(argument: str, text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error:
        raise InvalidArguments(f"`{argument}` is not base64", _HINT) from None
