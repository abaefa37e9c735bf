"""The status page: what runs, what it offers, how to connect. No script, no secret, nothing from elsewhere."""

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

from trunkline.admin.clients import Client

if TYPE_CHECKING:
    from jinja2 import Template

_FOLDER: Final = Path(__file__).parent
HEADERS: Final = (
    (
        b"content-security-policy",
        b"default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; frame-ancestors 'none'",
    ),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cache-control", b"no-store"),
)


class ServiceRow(msgspec.Struct, frozen=True):
    title: str
    tools: int


class CategoryRow(msgspec.Struct, frozen=True):
    """One category. `state` is running | starting | idle | failed | in process; `memory` in MB, 0 where unknown."""

    name: str
    state: str
    services: tuple[ServiceRow, ...]
    pid: int = 0
    memory: float = 0.0
    restarts: int = 0

    @property
    def tools(self) -> int:
        return sum(service.tools for service in self.services)


class UpstreamRow(msgspec.Struct, frozen=True):
    """An MCP server behind the gateway."""

    id: str
    url: str
    state: str
    tools: int


class Status(msgspec.Struct, frozen=True):
    """What the page shows. `uptime` in seconds, `memory` of the gateway in MB."""

    version: str
    url: str
    uptime: float
    pid: int
    memory: float
    sandbox: bool
    categories: tuple[CategoryRow, ...]
    upstreams: tuple[UpstreamRow, ...]
    clients: tuple[Client, ...]

    @property
    def services(self) -> int:
        return sum(len(category.services) for category in self.categories)

    @property
    def tools(self) -> int:
        return sum(category.tools for category in self.categories)


def page(status: Status) -> bytes:
    """The HTML page, every value escaped."""
    return _template().render(status=status, uptime=span(status.uptime)).encode()


@cache
def stylesheet() -> bytes:
    return (_FOLDER / "status.css").read_bytes()


def memory(pid: int) -> float:
    """Resident memory of a process in MB; 0 where the system does not say (or the process is gone)."""
    try:
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) / 1024
    except OSError:
        return 0.0
    return 0.0


@cache
def _template() -> "Template":
    from jinja2 import Environment, StrictUndefined  # noqa: PLC0415 - 0.1 s, for a page that few starts show

    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    return environment.from_string((_FOLDER / "status.html").read_text("utf-8"))


def span(seconds: float) -> str:
    """A length of time in its two largest units."""
    minutes, second = divmod(int(seconds), 60)
    hours, minute = divmod(minutes, 60)
    days, hour = divmod(hours, 24)
    if days:
        return f"{days} d {hour} h"
    if hour:
        return f"{hour} h {minute} min"
    return f"{minute} min {second} s" if minute else f"{second} s"
