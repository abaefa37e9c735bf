"""The newest published version of what sources come from."""

import subprocess
from collections.abc import Sequence
from importlib import import_module

from trunkline.contract import UpstreamFailed

_SECONDS = 60


def newest(kind: str, origin: str) -> str:
    """The version of a package, or the commit at the head of a repository. Raises UpstreamFailed, NotFound."""
    if kind == "npm":
        return _told([*_client(kind), "view", origin, "version"])
    if kind == "pypi":  # "botocore (1.44.8)"
        return _told([*_client(kind), "index", "versions", origin]).partition("(")[2].partition(")")[0]
    return _told(["git", "ls-remote", f"https://github.com/{origin}", "HEAD"]).partition("\t")[0]


def _client(kind: str) -> list[str]:
    """The command that asks; its module is imported when it is asked, for most runs of a build ask none."""
    return import_module(f"trunkline.catalog.{kind}").client()


def _told(command: Sequence[str]) -> str:
    """The first line that a client answers with."""
    what = " ".join(command[-3:])
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_SECONDS)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise UpstreamFailed(f"{what} failed: {error}", _HINT) from error
    if done.returncode or not done.stdout.strip():
        raise UpstreamFailed(f"{what} failed: {done.stderr.strip()[:200]}", _HINT)
    return done.stdout.strip().splitlines()[0]


_HINT = "Check the network; sources that cannot be asked stay as they are pinned."
