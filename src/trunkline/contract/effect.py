"""What a call does to the world behind it. Feeds policy and the MCP tool annotations."""

from enum import StrEnum


class Effect(StrEnum):
    """Ordered by how much care a call needs."""

    READ = "read"  # changes nothing
    WRITE = "write"  # creates, updates or sends
    DELETE = "delete"  # removes or cannot be undone

    @property
    def read_only(self) -> bool:
        return self is Effect.READ

    @property
    def destructive(self) -> bool:
        return self is Effect.DELETE
