"""Pages from templates: every value escaped, no script, no style inside."""

import time
from collections.abc import Iterable
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from trunkline.contract import Fault
from trunkline.infra.http.web import Request, Response, html

_FOLDER: Final = Path(__file__).parent
_CSS: Final = ((b"content-type", b"text/css; charset=utf-8"), (b"cache-control", b"public, max-age=300"))
_SVG: Final = ((b"content-type", b"image/svg+xml"), (b"cache-control", b"public, max-age=86400"))


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
        self._environment.filters["date"] = _date
        self._pages: frozenset[str] = frozenset()

    def offer(self, paths: Iterable[str]) -> None:
        """The pages that there are: a page's head leads to no other."""
        self._pages = frozenset(paths)

    def render(self, name: str, **values: Any) -> bytes:
        """`user` (a SignedIn, or None) decides what the page's head offers."""
        return self._environment.get_template(name).render({"user": None, "pages": self._pages, **values}).encode()

    def fault(self, fault: Fault, status: int) -> Response:
        """A page that says what is wrong, and what to do."""
        return html(self.render("fault.html", fault=fault), status)

    @cached_property
    def stylesheet(self) -> bytes:
        return (_FOLDER / "static" / "app.css").read_bytes()

    async def css(self, _request: Request) -> Response:
        """The handler of /static/app.css."""
        return Response(200, self.stylesheet, _CSS)

    async def icon(self, _request: Request) -> Response:
        """The handler of /static/icon.svg: browsers ask for /favicon.ico where a page names none."""
        return Response(200, (_FOLDER / "static" / "icon.svg").read_bytes(), _SVG)


def _date(seconds: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M", time.gmtime(seconds))
