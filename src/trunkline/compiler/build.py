"""Builds the compiled catalog: in parallel, only what changed; a run that was stopped goes on where it was."""

import hashlib
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import msgspec

import trunkline
from trunkline.catalog.catalog import read_head
from trunkline.catalog.manifest import Manifest
from trunkline.catalog.manifests import Manifests
from trunkline.catalog.rows import Rows, write_atomically
from trunkline.catalog.sources import Sources
from trunkline.catalog.usage import Usage
from trunkline.catalog.write import write_head
from trunkline.compiler.job import Job, Result
from trunkline.compiler.pool import run
from trunkline.compiler.report import Built, Report, Step
from trunkline.contract import Fault, Service, ToolSpec
from trunkline.selection import build as index
from trunkline.selection.layout import FILE

Progress = Callable[[Step], None]


def _silent(_: Step) -> None:
    return


_STATE = "build.msgpack"
_STAMP = "selection.stamp"
_SAVED_EVERY = 2.0  # seconds: what a build that is stopped may lose
# Whatever these files say decides what a row looks like.
_MAKERS = ("compiler/**/*.py", "catalog/rows.py", "catalog/write.py", "contract/*.py", "selection/signature.py")
# ... and these what the index holds.
_INDEX_MAKERS = (
    "selection/*.py",
    "selection/table.segment",
    "catalog/usage.py",
    "modules/*/usage.yaml",
    "modules/*/usage/*.yaml",
)


def build(
    folder: Path, sources: Sources, manifests: Manifests, progress: Progress = _silent, *, workers: int = 2
) -> Report:
    """Brings the catalog in `folder` up to date with `manifests`. What cannot be built is reported and left out.

    `progress` is told each step.
    """
    started = time.monotonic()
    folder.mkdir(parents=True, exist_ok=True)
    problems = [problem.message for problem in manifests.problems]
    jobs = list(_jobs(folder, sources, manifests, problems))
    kept = _up_to_date(folder, jobs)
    done = dict(kept)
    todo = [job for job in jobs if job.manifest.id not in kept]
    for result in _compiled(folder, todo, workers, progress, done):
        problems += [result.fact.message] if result.fact else []
    _finish(folder, done, changed=bool(todo), progress=progress)
    problems += [problem for built in done.values() for problem in built.problems]
    tools = sum(built.service.tools for built in done.values())
    return Report(len(done), tools, len(done) - len(kept), time.monotonic() - started, tuple(problems))


def _compiled(
    folder: Path, todo: Sequence[Job], workers: int, progress: Progress, done: dict[str, Built]
) -> Iterator[Result]:
    """Compiles `todo` into `done`, which is saved now and then and at the end, whoever stops it."""
    saved = time.monotonic()
    try:
        for step, result in enumerate(run(todo, workers), 1):
            if result.built is not None:
                done[result.service] = result.built
            progress(Step(_sentence(result), step, len(todo)))
            yield result
            if time.monotonic() - saved > _SAVED_EVERY:
                saved = time.monotonic()
                _write_state(folder, done)
    finally:
        _write_state(folder, done)


def _sentence(result: Result) -> str:
    if result.built is None:
        return f"{result.service}: left out"
    return f"{result.built.service.title}: {result.built.service.tools} tools in {result.built.seconds:.1f} s"


def _jobs(folder: Path, sources: Sources, manifests: Manifests, problems: list[str]) -> Iterator[Job]:
    makers = _digests(_MAKERS)
    for manifest in manifests.by_id.values():
        try:
            yield _job(folder, sources, manifest, makers)
        except Fault as fault:
            problems.append(f"{manifest.id}: {fault.message}")


def _up_to_date(folder: Path, jobs: Iterable[Job]) -> dict[str, Built]:
    known = _read_state(folder)
    keys = {job.manifest.id: job.key for job in jobs if (folder / f"{job.manifest.id}.rows").exists()}
    return {service: built for service, built in known.items() if keys.get(service) == built.key}


def _job(folder: Path, sources: Sources, manifest: Manifest, makers: bytes) -> Job:
    descriptions = tuple((source, str(sources.locate(source))) for source in manifest.sources)
    digest = hashlib.sha256(makers)
    digest.update(msgspec.msgpack.encode(manifest))
    for source in manifest.sources:
        digest.update(sources.sha256(source).encode())
    return Job(str(folder), manifest, digest.hexdigest(), descriptions)


def _digests(patterns: Iterable[str]) -> bytes:
    """What source files of ours say."""
    root = Path(trunkline.__file__).parent
    files = sorted(path for pattern in patterns for path in root.glob(pattern))
    return b"".join(hashlib.sha256(path.read_bytes()).digest() for path in files)


def _finish(folder: Path, done: Mapping[str, Built], *, changed: bool, progress: Progress) -> None:
    """Writes head, state and search index, if any of them would be another."""
    services = [built.service for built in done.values()]
    head = read_head(folder)
    before = {service.id: service.digest for service in head.services} if head else {}
    fresh = {service.id: service.digest for service in services}
    if changed or before != fresh or not _index_is_ours(folder):
        write_head(folder, services)
        _write_state(folder, done)
        progress(Step("building the search index"))
        index.build(folder, services, _specs(folder, services), Usage.load())
        write_atomically(folder / _STAMP, _digests(_INDEX_MAKERS))


def _index_is_ours(folder: Path) -> bool:
    """Whether the index was built by this very code: an index of another version may lack what ours reads."""
    try:
        return (folder / FILE).exists() and (folder / _STAMP).read_bytes() == _digests(_INDEX_MAKERS)
    except FileNotFoundError:
        return False


def _specs(folder: Path, services: Iterable[Service]) -> Iterator[ToolSpec]:
    for service in services:
        rows = Rows(folder / f"{service.id}.rows")
        for name in rows.names:
            spec = rows.read(name)
            if spec is not None:
                yield spec


def _read_state(folder: Path) -> dict[str, Built]:
    try:
        return msgspec.msgpack.decode((folder / _STATE).read_bytes(), type=dict[str, Built])
    except (OSError, msgspec.DecodeError):
        return {}  # nothing built yet, or by another version: build all


def _write_state(folder: Path, done: Mapping[str, Built]) -> None:
    write_atomically(folder / _STATE, msgspec.msgpack.encode(dict(done)))
