"""`python -m trunkline.compiler.worker`: jobs come in on standard input, results go out on standard output.

Processes of our own and not `multiprocessing`: that runs the caller's main module again in each of them, which a caller
without a main guard does not survive.
"""

import sys

import msgspec

from trunkline.compiler.job import Job, compile_job, write_result


def main() -> None:
    for job in msgspec.msgpack.decode(sys.stdin.buffer.read(), type=list[Job]):
        write_result(sys.stdout.buffer, compile_job(job))


if __name__ == "__main__":
    main()
