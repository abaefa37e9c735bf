"""Folders that outlive a run: what was downloaded, and what was compiled of it. They never hold state of a test."""

import os
from pathlib import Path

ROOT = Path(__file__).parents[2]
CATALOGS = ROOT / ".cache" / "catalogs"


def downloads() -> Path:
    """TRUNKLINE_CACHE_DIR, else `.cache/downloads` in the tree (ignored by git)."""
    folder = Path(os.environ.get("TRUNKLINE_CACHE_DIR") or ROOT / ".cache" / "downloads")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def mirror() -> Path | None:
    """Copies of descriptions that are no packages: TRUNKLINE_SPEC_MIRROR."""
    named = os.environ.get("TRUNKLINE_SPEC_MIRROR")
    return Path(named) if named else None
