"""What tests share. Programs and catalogs are made once and reused; a missing source fails, it never skips."""

from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def catalog_folder() -> Path:
    """The real catalog with its selection index, compiled from the pinned descriptions. Read only."""
    from tests.support import catalogs  # noqa: PLC0415 - most runs need no compiler

    return catalogs.built()
