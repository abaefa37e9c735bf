"""The program of one category server: what it needs, and what it says when it does not get it."""

import os
import subprocess
import sys
from pathlib import Path

from tests.category.house import write_small_catalog
from trunkline.connections.ticket import TicketKey


def run(catalog: Path, key: bytes) -> subprocess.CompletedProcess[str]:
    """The program with `key` in its pipe, and a socket descriptor that is none: it must end before it needs one."""
    read, write = os.pipe()
    os.write(write, key)
    os.close(write)
    command = [sys.executable, "-m", "trunkline.programs.category", "--category", "code", "--catalog", str(catalog)]
    try:
        return subprocess.run(
            [*command, "--socket", "999", "--key", str(read)],
            pass_fds=(read,),
            capture_output=True,
            text=True,
            timeout=20,
            check=False,
        )
    finally:
        os.close(read)


def test_without_a_catalog_it_ends_and_says_how_to_get_one(tmp_path: Path) -> None:
    ended = run(tmp_path, bytes(TicketKey.generate()))
    assert ended.returncode == 1
    assert "no compiled catalog" in ended.stderr


def test_without_a_whole_key_it_ends_and_does_not_show_it(tmp_path: Path) -> None:
    write_small_catalog(tmp_path)
    ended = run(tmp_path, b"canary")
    assert ended.returncode == 1
    assert "ticket key" in ended.stderr
    assert "canary" not in ended.stderr
