"""Does a job: compiles a service, writes its rows, and leaves its piece of the search index beside them."""

import time
from collections.abc import Iterator
from pathlib import Path

from trunkline.catalog.rows import Rows
from trunkline.catalog.write import write_more, write_rows
from trunkline.compiler.job import Job, Result
from trunkline.compiler.report import Built
from trunkline.compiler.service import compile_service
from trunkline.contract import Fact, Fault, Service, ToolSpec
from trunkline.selection import shelf
from trunkline.selection.piece import Indexer


def work(job: Job, indexer: Indexer) -> Result:
    """Compiles, if the rows are not up to date, and indexes. What cannot be is a fact, lack of memory too."""
    try:
        built = job.built or _compiled(job)
        piece = indexer.piece(built.service, _specs(Path(job.folder), built.service), job.usage)
        shelf.put(Path(job.folder), built.service.id, job.piece, piece)
    except Fault as fault:
        return Result(job.manifest.id, fact=fault.fact())
    except (MemoryError, RecursionError) as error:
        where = ", ".join(source for source, _ in job.descriptions)
        why = "it needs too much memory" if isinstance(error, MemoryError) else "it is nested too deeply"
        return Result(
            job.manifest.id, fact=Fact("internal", f"{job.manifest.id}: cannot be compiled: {why} ({where})", "", False)
        )
    return Result(job.manifest.id, built)


def _compiled(job: Job) -> Built:
    started = time.monotonic()
    texts = [(source, Path(path).read_bytes()) for source, path in job.descriptions]
    compiled = compile_service(job.manifest, texts)
    service = write_rows(Path(job.folder), compiled.service, compiled.specs)
    write_more(Path(job.folder), service, compiled.more)
    return Built(job.key, service, compiled.problems, time.monotonic() - started)


def _specs(folder: Path, service: Service) -> Iterator[ToolSpec]:
    rows = Rows(folder / f"{service.id}.rows")
    return filter(None, map(rows.read, rows.names))
