"""Pages from templates: every value escaped, no script, no style inside."""

import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode
from zlib import crc32

import msgspec
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from trunkline.admin.status import span
from trunkline.contract import Fault, NotFound
from trunkline.infra.http.web import Request, Response, html

_FOLDER: Final = Path(__file__).parent
# What pages refer to: name -> kind and file. Browsers ask anew after `_FRESH` seconds.
_FILES: Final = {
    "app.css": ("text/css; charset=utf-8", "app.css"),
    "app.js": ("text/javascript; charset=utf-8", "app.js"),
    "htmx.js": ("text/javascript; charset=utf-8", "htmx.min.js"),  # htmx.org, as its package has it
    "icon.svg": ("image/svg+xml", "icon.svg"),
}
_FRESH: Final = 300
_HUES: Final = 8


class Templates:
    """The templates of `admin/templates`. Each extends base.html."""

    def __init__(self) -> None:
        self._environment = Environment(
            loader=FileSystemLoader(_FOLDER / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        filters: dict[str, Any] = {
            "date": _date, "moment": _moment, "clock": _clock, "span": span, "pretty": _pretty,
            "readable": _readable, "hue": _hue, "initials": _initials, "address": _address,
        }  # fmt: skip
        self._environment.filters.update(filters)
        self.offer(())

    def offer(self, paths: Iterable[str]) -> None:
        """The pages that there are: a page's head leads to no other."""
        self._pages = frozenset(paths)

    def render(self, name: str, **values: Any) -> bytes:
        """`user` (a SignedIn, or None) decides what the page's head offers."""
        return self._environment.get_template(name).render({"user": None, "pages": self._pages, **values}).encode()

    def fault(self, fault: Fault, status: int) -> Response:
        """A page that says what is wrong, and what to do."""
        return html(self.render("fault.html", fault=fault), status)

    async def file(self, request: Request) -> Response:
        """The handler of /static/{file}. Raises NotFound."""
        kind, name = _FILES.get(request.params["file"], ("", ""))
        if not name:
            raise NotFound("There is no such file.", "Begin at /.")
        kept = f"public, max-age={_FRESH}"
        headers = ((b"content-type", kind.encode()), (b"cache-control", kept.encode()))
        return Response(200, (_FOLDER / "static" / name).read_bytes(), headers)


def _date(seconds: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M", time.gmtime(seconds))


def _moment(seconds: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(seconds))


def _clock(seconds: float) -> str:
    return time.strftime("%H:%M", time.gmtime(seconds))


def _hue(text: str) -> int:
    """One of the colours of icons, the same for the same text."""
    return crc32(text.encode()) % _HUES


def _initials(title: str) -> str:
    words = "".join(each if each.isalnum() else " " for each in title).split() or ["?"]
    return (words[0][0] + words[1][0] if len(words) > 1 else words[0][:2]).title()


def _pretty(value: Any) -> str:
    return msgspec.json.format(msgspec.json.encode(value), indent=2).decode()


def _readable(text: str) -> str:
    """JSON with its lines; anything else as it is."""
    try:
        return msgspec.json.format(text, indent=2)
    except msgspec.DecodeError:
        return text


def _address(path: str, query: msgspec.Struct) -> Callable[..., str]:
    """Makes addresses of the same list with other values; what a query cannot do without stands in the path."""
    optional = {field.name for field in msgspec.structs.fields(query) if not field.required}
    now = {name: value for name, value in msgspec.structs.asdict(query).items() if name in optional}

    def address(**other: object) -> str:
        return f"{path}?{urlencode({name: value for name, value in {**now, **other}.items() if value})}"

    return address
