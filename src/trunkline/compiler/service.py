"""One service: its manifest and descriptions -> the rows of its tools.

What the kinds of description differ in is their reader; names, edits, sizes and digests are one for all.
"""

import gc
from collections import Counter
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module

import msgspec

from trunkline.catalog.manifest import Manifest, SourceKind, ToolEdit
from trunkline.catalog.more import More
from trunkline.compiler.document import BrokenDescription
from trunkline.compiler.draft import Draft, Reader, Texts
from trunkline.compiler.naming import wire_name
from trunkline.compiler.row import row
from trunkline.contract import Plan, Service, ToolSpec

# Modules with a `read`, imported when a service needs them: some bring in what takes longer than a service does.
_READERS: Mapping[SourceKind, str] = {
    "openapi": "trunkline.compiler.openapi",
    "discovery": "trunkline.compiler.discovery.reader",
    "aws": "trunkline.compiler.aws.reader",
    "graphql": "trunkline.compiler.graphql.reader",
    "python": "trunkline.compiler.python",
}


@dataclass(frozen=True)
class CompiledService:
    """`problems` are sentences: what was left out, and why. `more` is what the input schemas do not show."""

    service: Service
    specs: tuple[ToolSpec, ...]
    problems: tuple[str, ...]
    more: More


@dataclass(frozen=True)
class _Wanted:
    """A draft that becomes a tool, as a person has edited it."""

    draft: Draft
    edit: ToolEdit

    @property
    def base_name(self) -> str:
        return self.edit.name or self.draft.name


def compile_service(manifest: Manifest, texts: Texts) -> CompiledService:
    """Compiles every usable operation of (source id, description). A broken one is reported and left out.

    Raises InvalidManifest if no description can be read at all.
    """
    with _no_collection():
        return _compiled(manifest, texts)


@contextmanager
def _no_collection() -> Generator[None]:
    """A description lives until it is compiled: to look through its millions of objects for garbage, again and again
    as more are made, takes a sixth of the time, and there is none."""
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collects:
            gc.enable()


def _compiled(manifest: Manifest, texts: Texts) -> CompiledService:
    read: Reader = import_module(_READERS[manifest.kind]).read
    reading = read(manifest, texts)
    problems = list(reading.problems)
    more = More(parts=reading.parts)
    specs = tuple(_compile(_wanted(manifest, reading.drafts), manifest, more, problems))
    problems += [*reading.noticed(), *_unknown_edits(manifest, reading.drafts)]
    return CompiledService(_service(manifest, specs, problems), specs, tuple(problems), more)


def _wanted(manifest: Manifest, drafts: Sequence[Draft]) -> list[_Wanted]:
    edited = [_Wanted(draft, _edit(manifest, draft)) for draft in drafts]
    return [each for each in edited if not each.edit.skip]


def _edit(manifest: Manifest, draft: Draft) -> ToolEdit:
    return next((manifest.tools[key] for key in draft.keys if key in manifest.tools), ToolEdit())


def _compile(wanted: Sequence[_Wanted], manifest: Manifest, more: More, problems: list[str]) -> Iterator[ToolSpec]:
    for each, name in zip(wanted, _names(manifest.id, wanted), strict=True):
        try:
            outline = each.draft.compile(each.base_name)
            spec = row(manifest, each.draft.id, name, each.base_name, outline, each.edit)
        except (BrokenDescription, RecursionError, KeyError, TypeError, AttributeError) as problem:
            # Descriptions break every promise of their format; one operation that does must not cost the others.
            problems.append(f"{manifest.id}: {each.draft.id}: {_said(problem)}")
            continue
        if outline.whole:
            more.tools[name] = outline.whole
        yield spec


def _said(problem: Exception) -> str:
    if isinstance(problem, BrokenDescription):
        return str(problem)
    return f"its description is not as the format has it ({type(problem).__name__}: {problem})"


def _names(service: str, wanted: Sequence[_Wanted]) -> list[str]:
    """Wire names in order. Of several drafts with one name, that of a person's edit or the first in order keeps it."""
    clashes = Counter(each.base_name for each in wanted)
    taken: set[str] = set()
    names: dict[int, str] = {}
    for place in sorted(range(len(wanted)), key=lambda place: _precedence(wanted[place])):
        each = wanted[place]
        choices = [each.base_name]
        if clashes[each.base_name] > 1 and not each.edit.name:
            choices += each.draft.others()
        free = (name for choice in choices if (name := wire_name(service, choice)) not in taken)
        names[place] = next(free, None) or wire_name(service, choices[-1], taken)
        taken.add(names[place])
    return [names[place] for place in range(len(wanted))]


def _precedence(each: _Wanted) -> tuple[bool | int | str, ...]:
    return not each.edit.name, *each.draft.order


def _unknown_edits(manifest: Manifest, drafts: Sequence[Draft]) -> list[str]:
    known = {key for draft in drafts for key in draft.keys}
    return [f"{manifest.id}: tools: there is no operation {name!r}" for name in manifest.tools if name not in known]


def _service(manifest: Manifest, specs: Sequence[ToolSpec], problems: list[str]) -> Service:
    service = manifest.service()
    if manifest.verify is None:
        return service
    for spec in specs:
        if manifest.verify.operation in (spec.operation, _place(spec)):
            if b'"required":' in spec.input_schema:
                break
            return msgspec.structs.replace(service, verify=spec.name)
    problems.append(f"{manifest.id}: verify: {manifest.verify.operation!r} is no operation without arguments")
    return service


def _place(spec: ToolSpec) -> str:
    """`METHOD /path`, for a tool that has one; what is always asked for is no part of its place."""
    return f"{spec.plan.method} {spec.plan.path.partition('?')[0]}" if isinstance(spec.plan, Plan) else ""
