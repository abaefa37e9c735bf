"""The token benchmark over the real catalog: every task is finished, for fewer tokens than listing the tools costs."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support import folders

SIZES = ("10", "50", "500")
SECONDS = 300


@pytest.mark.slow
def test_whole_tasks_cost_less_through_the_gateway(whole_catalog_folder: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "bench.tokens", f"--catalog={whole_catalog_folder}", "--sizes", *SIZES],
        env=dict(os.environ) | {"TRUNKLINE_CACHE_DIR": str(folders.downloads())},
        cwd=folders.ROOT,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
