"""Memory of another process."""

import os
from pathlib import Path


def rss_bytes(pid: int) -> int:
    """Resident set size of `pid` (Linux: proc(5), statm); 0 where it cannot be known."""
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_bytes().split()[1])
    except (OSError, ValueError, IndexError):
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE")
