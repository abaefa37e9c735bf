"""The index file: whatever is wrong with it, opening says what to do."""

from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest

from trunkline.contract import NotFound
from trunkline.selection.segment import Segment, write


@pytest.fixture
def path(tmp_path: Path) -> Path:
    write(tmp_path / "index", {"numbers": np.arange(1000), "flags": np.ones(7, np.bool_)})
    return tmp_path / "index"


def test_what_was_written_is_read(path: Path) -> None:
    assert Segment.open(path)["numbers"].sum() == 499_500


@pytest.mark.parametrize("length", [0, 10, 16, 20, 30, 60, 500])
def test_a_file_that_was_cut_is_refused_with_what_to_do(path: Path, length: int) -> None:
    path.write_bytes(path.read_bytes()[:length])
    with pytest.raises(NotFound) as refused:
        Segment.open(path)
    assert "catalog build" in refused.value.hint


@pytest.mark.parametrize("place", range(16, 60, 3))
def test_a_damaged_header_is_refused_or_harmless(path: Path, place: int) -> None:
    data = bytearray(path.read_bytes())
    data[place] ^= 0xFF
    path.write_bytes(data)
    with suppress(NotFound):
        assert Segment.open(path)["numbers"].sum() == 499_500
