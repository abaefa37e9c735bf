"""`python -m trunkline.compiler.worker BYTES`: jobs come in on standard input, results go out on standard output.

BYTES limit the memory of the process: a description that expands without end fails alone.
"""

import sys

from trunkline.compiler.job import read_job, write_frame
from trunkline.compiler.work import work
from trunkline.selection.piece import Indexer


def main() -> None:
    _limit_memory(int(sys.argv[1]))
    indexer = Indexer.load()
    while (job := read_job(sys.stdin.buffer)) is not None:
        write_frame(sys.stdout.buffer, work(job, indexer))


def _limit_memory(size: int) -> None:
    """Where the system can (not on Windows)."""
    if sys.platform != "win32":
        import resource  # noqa: PLC0415 - not on Windows

        resource.setrlimit(resource.RLIMIT_AS, (size, size))


if __name__ == "__main__":
    main()
