"""What files of ours say, in a few bytes: whatever was made by them is made anew when they change."""

from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path

import trunkline

_ROOT = Path(trunkline.__file__).parent


def digests(patterns: Iterable[str], root: Path = _ROOT) -> bytes:
    """Of all files below `root` that have one of `patterns`."""
    files = sorted(path for pattern in patterns for path in root.glob(pattern))
    return b"".join(sha256(path.read_bytes()).digest() for path in files)
