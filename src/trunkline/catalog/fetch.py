"""Runs a package client to fetch one published package. No registry address is ours: the client knows its own."""

import subprocess
from collections.abc import Sequence
from pathlib import Path

from trunkline.contract import UpstreamFailed

_SECONDS = 600
_COMPLAINTS = ("npm error", "ERROR:", "error:")


def fetch(package: str, command: Sequence[str], folder: Path, hint: str) -> Path:
    """The one archive of `package` that `command` leaves in the empty `folder`.

    Raises UpstreamFailed with `hint` and the reason that the client told.
    """
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=_SECONDS)
    except subprocess.TimeoutExpired as error:
        raise UpstreamFailed(f"{package} was not fetched in {_SECONDS} s", hint) from error
    archives = [path for path in folder.iterdir() if path.suffix in (".tgz", ".whl")]
    if done.returncode or len(archives) != 1:
        raise UpstreamFailed(f"{package} cannot be fetched: {_reason(done.stderr)}", hint)
    return archives[0]


def _reason(output: str) -> str:
    """The line of a client's output that says what went wrong."""
    for mark in _COMPLAINTS:
        told = [line.removeprefix(mark).strip() for line in output.splitlines() if line.startswith(mark)]
        reason = next((line for line in told if line and not line.startswith("code ")), None)
        if reason:
            return reason
    return output.strip()[:200]
