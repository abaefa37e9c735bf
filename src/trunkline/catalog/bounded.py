"""Reads what is published, but no more than a description may be: an archive of little may unpack to a lot."""

from typing import IO

from trunkline.contract import UpstreamFailed

LARGEST = 256 << 20  # bytes of one description; the largest that is known has 40 MB


def read(stream: IO[bytes], name: str, largest: int = LARGEST) -> bytes:
    """All of `stream`. Raises UpstreamFailed if that is more than `largest` bytes."""
    data = stream.read(largest + 1)
    if len(data) > largest:
        raise UpstreamFailed(f"{name} is larger than {largest >> 20} MB: it is no description", _HINT)
    return data


_HINT = "Look at what was published; the version that is pinned stays."
