"""The real catalog, compiled once for a state of the sources and kept between runs: some of it, or all."""

import fcntl
import hashlib
import shutil
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from tests.support.folders import CATALOGS, ROOT, downloads, mirror
from trunkline.catalog.manifests import Manifests
from trunkline.catalog.sources import Sources
from trunkline.compiler.build import build

_PACKAGE = ROOT / "src" / "trunkline"
# What decides what the compiled catalog is.
_INPUTS = ("modules", "compiler", "catalog", "selection", "contract")
_KEPT = 3  # compiled states: a developer goes back and forth between a few
_OTHERS = 30
# What people name first, and tests by name.
_NAMES = """
airflow asana azure-resources bitbucket box circleci coda digitalocean directus dropbox elevenlabs figma github gitlab
gmail google-sheets hetzner hubspot jira launchdarkly linode mailchimp meilisearch microsoft-files microsoft-onenote
netlify notion openai pinecone pipedrive plaid postmark rev-ai salesforce salesloft sendgrid shopify slack spotify
square stripe telegram telnyx trello twilio vercel vimeo xero zendesk zoom
"""
NAMED = frozenset(_NAMES.split())


def sample() -> frozenset[str]:
    """The services that a quick test looks at: those of a name, and others by digest, which new ones seldom change."""
    others = Manifests.load().by_id.keys() - NAMED
    return NAMED | frozenset(sorted(others, key=_digest)[:_OTHERS])


def _digest(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()


def built(*, whole: bool = False) -> Path:
    """The folder of the catalog for the sources as they are now; compiled by the first worker that asks.

    Raises AssertionError if a service cannot be compiled: a catalog with holes proves nothing.
    """
    home = CATALOGS / ("whole" if whole else "sample")
    home.mkdir(parents=True, exist_ok=True)
    manifests = Manifests.load().require()
    if not whole:
        wanted = sample()
        manifests = Manifests({name: each for name, each in manifests.by_id.items() if name in wanted})
    folder = home / state()
    with locked(home / "lock"):
        if not folder.exists():
            _build(home, folder, manifests)
    return folder


def _build(home: Path, folder: Path, manifests: Manifests) -> None:
    """Starts from the last state, so that only what changed is compiled; the folder appears when it is whole."""
    states = _states(home)
    partial = home / f"{folder.name}.partial"
    shutil.rmtree(partial, ignore_errors=True)
    if states:
        shutil.copytree(states[-1], partial)
    report = build(partial, Sources(downloads(), mirror()), manifests, lambda _: None)
    assert report.services == len(manifests.by_id), "\n".join(report.problems)
    partial.rename(folder)
    for old in states[: 1 - _KEPT]:
        shutil.rmtree(old, ignore_errors=True)


def _states(home: Path) -> list[Path]:
    """Whole catalogs, oldest first."""
    whole = (path for path in home.iterdir() if path.is_dir() and not path.suffix)
    return sorted(whole, key=lambda path: path.stat().st_mtime)


def state() -> str:
    """A digest of everything that decides what is compiled."""
    digest = hashlib.sha256()
    for room in _INPUTS:
        for path in sorted((_PACKAGE / room).rglob("*")):
            if path.is_file() and path.suffix != ".pyc":
                digest.update(path.relative_to(_PACKAGE).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:16]


@contextmanager
def locked(path: Path) -> Generator[None]:
    """One process at a time; the others wait."""
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
