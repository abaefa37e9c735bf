"""Builds the compiled catalog: in parallel, only what changed; a run that was stopped goes on where it was."""

import hashlib
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import msgspec

from trunkline.catalog.catalog import read_head
from trunkline.catalog.makers import digests
from trunkline.catalog.manifest import Manifest
from trunkline.catalog.manifests import Manifests
from trunkline.catalog.rows import write_atomically
from trunkline.catalog.sources import Sources
from trunkline.catalog.usage import Phrasebook
from trunkline.catalog.write import write_head
from trunkline.compiler.job import Job, Result
from trunkline.compiler.pool import Pool, pool
from trunkline.compiler.report import Built, Report, Step
from trunkline.contract import Fault
from trunkline.selection.shelf import Shelf

Progress = Callable[[Step], None]


def _silent(_: Step) -> None:
    return


_STATE = "build.msgpack"
_SAVED_EVERY = 2.0  # seconds: what a build that is stopped may lose
# Whatever these files say decides what a row looks like.
_MAKERS = ("compiler/**/*.py", "catalog/rows.py", "catalog/write.py", "contract/*.py", "selection/signature.py")
# ... and these what the index holds.
_INDEX_MAKERS = ("selection/*.py", "selection/*.segment", "catalog/usage.py")


def build(
    folder: Path, sources: Sources, manifests: Manifests, progress: Progress = _silent, *, workers: int = 2
) -> Report:
    """Brings the catalog in `folder` up to date with `manifests`. What cannot be built is reported and left out.

    `progress` is told each step. Raises InvalidManifest if phrases cannot be read.
    """
    started = time.monotonic()
    folder.mkdir(parents=True, exist_ok=True)
    problems = [problem.message for problem in manifests.problems]
    with pool(workers) as processes:
        if manifests.changed:
            processes.warm()  # while it is found out what is to be done
        phrases, shelf = Phrasebook(), Shelf(folder)
        jobs = list(_jobs(folder, sources, manifests, phrases, problems))
        done = {job.manifest.id: job.built for job in jobs if job.built}
        known = set(done)
        todo = [job for job in jobs if not (job.built and shelf.has(job.manifest.id, job.piece))]
        problems += _worked(folder, [_with_phrases(job, phrases) for job in todo], processes, progress, done)
    _finish(folder, shelf, [(done[job.manifest.id], job.piece) for job in jobs if job.manifest.id in done], progress)
    problems += [problem for built in done.values() for problem in built.problems]
    tools = sum(built.service.tools for built in done.values())
    return Report(len(done), tools, len(done.keys() - known), time.monotonic() - started, tuple(problems))


def _worked(
    folder: Path, todo: Sequence[Job], processes: Pool, progress: Progress, done: dict[str, Built]
) -> list[str]:
    """Does `todo`, into `done`, which is saved now and then and at the end, whoever stops it. Answers what failed."""
    saved = time.monotonic()
    failed: list[str] = []
    try:
        for step, result in enumerate(processes.run(todo), 1):
            if result.built is not None:
                done[result.service] = result.built
            elif result.fact is not None:
                done.pop(result.service, None)
                failed.append(result.fact.message)
            progress(Step(_sentence(result), step, len(todo)))
            if time.monotonic() - saved > _SAVED_EVERY:
                saved = time.monotonic()
                _write_state(folder, done)
    finally:
        _write_state(folder, done)
    return failed


def _sentence(result: Result) -> str:
    if result.built is None:
        return f"{result.service}: left out"
    return f"{result.built.service.title}: {result.built.service.tools} tools in {result.built.seconds:.1f} s"


def _jobs(
    folder: Path, sources: Sources, manifests: Manifests, phrases: Phrasebook, problems: list[str]
) -> Iterator[Job]:
    """A job for each service, whether there is anything to do or not."""
    known, makers, index_makers = _read_state(folder), digests(_MAKERS), digests(_INDEX_MAKERS)
    rows = {path.name for path in folder.glob("*.rows")}
    for manifest in manifests.by_id.values():
        try:
            job = _job(folder, sources, manifest, makers)
            said = phrases.digest(manifest.category, manifest.id)
        except Fault as fault:
            problems.append(f"{manifest.id}: {fault.message}")
            continue
        piece = hashlib.sha256(index_makers + said + job.key.encode()).hexdigest()
        built = known.get(manifest.id)
        is_built = built is not None and built.key == job.key and f"{manifest.id}.rows" in rows
        yield msgspec.structs.replace(job, piece=piece, built=built if is_built else None)


def _job(folder: Path, sources: Sources, manifest: Manifest, makers: bytes) -> Job:
    descriptions = tuple((source, str(sources.locate(source))) for source in manifest.sources)
    digest = hashlib.sha256(makers)
    digest.update(msgspec.msgpack.encode(manifest))
    for source in manifest.sources:
        digest.update(sources.sha256(source).encode())
    return Job(str(folder), manifest, digest.hexdigest(), descriptions)


def _with_phrases(job: Job, phrases: Phrasebook) -> Job:
    return msgspec.structs.replace(job, usage=phrases.of(job.manifest.category, job.manifest.id))


def _finish(folder: Path, shelf: Shelf, built: Sequence[tuple[Built, str]], progress: Progress) -> None:
    """Writes head and search index of what is built, each with the key of its piece, if they would be others."""
    services = sorted((each.service for each, _ in built), key=lambda service: service.id)
    head = read_head(folder)
    if head is None or list(head.services) != services:
        write_head(folder, services)
    wanted = [(each.service, piece) for each, piece in built]
    if not shelf.is_indexed(wanted):
        progress(Step("building the search index"))
        shelf.index(wanted)


def _read_state(folder: Path) -> dict[str, Built]:
    try:
        return msgspec.msgpack.decode((folder / _STATE).read_bytes(), type=dict[str, Built])
    except (OSError, msgspec.DecodeError):
        return {}  # nothing built yet, or by another version: build all


def _write_state(folder: Path, done: Mapping[str, Built]) -> None:
    write_atomically(folder / _STATE, msgspec.msgpack.encode(dict(done)))
