"""From host and path to the operation: servers, path templates, most specific first."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar
from urllib.parse import unquote, urlsplit

T = TypeVar("T")

_HOLE = re.compile(r"\{\+?([^{}/]+?)\*?\}")


def holes(template: str) -> list[str]:
    """Names of the `{holes}` in a template, in order."""
    return _HOLE.findall(template)


def template_pattern(template: str, hole: str = "[^/]+") -> str:
    """A regular expression of `template` in which each `{name}` is a group holding `hole`."""
    parts = _HOLE.split(template)
    return "".join(re.escape(part) if index % 2 == 0 else f"({hole})" for index, part in enumerate(parts))


@dataclass(frozen=True)
class Base:
    """Where a server is: a pattern of its host ("" = any) and of the path before every template."""

    host: str
    path: str
    template: str  # of the path: what a log may show instead of it

    @staticmethod
    def of(url: str, defaults: dict[str, str]) -> "Base":
        """The base of a server URL (OpenAPI "Server Object"), absolute or relative, with `{variables}`."""
        parts = urlsplit(url if "//" in url or url.startswith("/") else "//" + url)
        path = parts.path.rstrip("/")
        pattern = template_pattern(path)
        for name in holes(path):
            default = re.escape(defaults.get(name, "").strip("/"))
            pattern = pattern.replace("([^/]+)", f"(?:{default}|[^/]+)" if default else "(?:[^/]+)", 1)
        return Base(template_pattern(parts.netloc.lower(), "[^/]+"), pattern, path)

    def rest(self, host: str, path: str) -> str | None:
        """`path` (still percent-encoded) after the base, or None if the server is another."""
        if self.host and not re.fullmatch(self.host, host):
            return None
        found = re.match(f"{self.path}(?=/|$)", path)
        return None if found is None else path[found.end() :]


@dataclass
class _Branch(Generic[T]):
    fixed: "dict[str, _Branch[T]]" = field(default_factory=dict[str, "_Branch[T]"])
    mixed: "dict[str, _Branch[T]]" = field(
        default_factory=dict[str, "_Branch[T]"]
    )  # by pattern: literal text around holes
    hole: "_Branch[T] | None" = None
    tail: "_Branch[T] | None" = None  # a hole that takes one segment or more
    ends: list[T] = field(default_factory=list[T])


class Routes(Generic[T]):
    """Path templates. Literal text beats literal text with holes, then comes a hole, then a many-segment hole."""

    def __init__(self) -> None:
        self._root: _Branch[T] = _Branch()

    def add(self, template: str, end: T, *, many: frozenset[str] = frozenset()) -> None:
        """`many` names the holes that may span several segments."""
        here = self._root
        for segment in _segments(template):
            here = _grow(here, segment, many)
        here.ends.append(end)

    def find(self, path: str) -> Iterator[tuple[list[T], tuple[str, ...]]]:
        """What is at `path`, most specific template first, with the percent-decoded values of its holes in order."""
        yield from _search(self._root, _segments(path), 0, ())


def _segments(path: str) -> list[str]:
    return path.removeprefix("/").split("/")


def _grow(branch: "_Branch[T]", segment: str, many: frozenset[str]) -> "_Branch[T]":
    names = holes(segment)
    if not names:
        return branch.fixed.setdefault(unquote(segment), _Branch())
    if _HOLE.fullmatch(segment) is None:
        return branch.mixed.setdefault(template_pattern(segment, "[^/]+?"), _Branch())
    if names[0] in many or segment.startswith("{+"):
        branch.tail = branch.tail or _Branch()
        return branch.tail
    branch.hole = branch.hole or _Branch()
    return branch.hole


def _search(
    branch: "_Branch[T]", segments: Sequence[str], at: int, values: tuple[str, ...]
) -> Iterator[tuple[list[T], tuple[str, ...]]]:
    if at == len(segments):
        if branch.ends:
            yield branch.ends, values
        return
    segment = segments[at]
    if (fixed := branch.fixed.get(unquote(segment))) is not None:
        yield from _search(fixed, segments, at + 1, values)
    for pattern, child in branch.mixed.items():
        if found := re.fullmatch(pattern, segment):
            yield from _search(child, segments, at + 1, values + tuple(map(unquote, found.groups())))
    if branch.hole is not None and segment:
        yield from _search(branch.hole, segments, at + 1, (*values, unquote(segment)))
    if branch.tail is not None and segment:
        for end in range(at + 1, len(segments) + 1):  # the shortest first: literal text after it is more specific
            taken = unquote("/".join(segments[at:end]))
            yield from _search(branch.tail, segments, end, (*values, taken))
