"""What unpacks to more than a description may be."""

import gzip
import io
import zipfile
from pathlib import Path

import pytest

from trunkline.catalog import bounded, pypi
from trunkline.contract import UpstreamFailed


def test_what_is_small_enough_is_read_whole() -> None:
    assert bounded.read(io.BytesIO(b"abc"), "a.json", 3) == b"abc"


def test_what_is_too_large_is_refused_by_name() -> None:
    with pytest.raises(UpstreamFailed, match=r"a\.json is larger than 0 MB"):
        bounded.read(io.BytesIO(b"abcd"), "a.json", 3)


@pytest.mark.slow
def test_a_member_that_unpacks_to_a_gigabyte_is_not_unpacked(tmp_path: Path) -> None:
    bomb = io.BytesIO()
    with gzip.GzipFile(fileobj=bomb, mode="wb", compresslevel=1) as out:
        for _ in range(1024):
            out.write(bytes(1 << 20))
    wheel = tmp_path / "acme-1-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("acme/service.json.gz", bomb.getvalue())
    with pytest.raises(UpstreamFailed, match=r"service\.json\.gz of acme-1.* is larger than 256 MB"):
        dict(pypi.members(wheel, {"acme/service.json.gz"}))
