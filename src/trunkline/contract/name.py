"""Names that come from outside: a client, a description, an upstream server."""

from typing import Final

LONGEST_NAME: Final = 64  # characters of a tool's wire name: no name that is longer exists


def quoted(name: str) -> str:
    """`name` for a message: in quotes, control characters escaped, and cut where no name goes on."""
    return repr(name if len(name) <= LONGEST_NAME else name[: LONGEST_NAME - 1] + "…")
