"""Where a gateway's database is: a file, or a PostgreSQL server."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_USER_INFO: Final = re.compile(r"(://[^:/?#@\s]*):.*@")  # to the last @: a password may hold one
_PARAMETER: Final = re.compile(r"(password=)[^&\s'\"]*", re.IGNORECASE)


def masked(text: str) -> str:
    """`text` with *** in the place of each password that a URL in it has."""
    return _PARAMETER.sub(r"\1***", _USER_INFO.sub(r"\1:***@", text))


@dataclass(frozen=True, slots=True, repr=False)
class PostgreSQL:
    """A database of a PostgreSQL server, as libpq's URL names it. As text it shows no password."""

    url: str

    def __str__(self) -> str:
        return masked(self.url)

    def __repr__(self) -> str:
        return f"PostgreSQL({self})"


Location = Path | PostgreSQL  # a path is that of an SQLite file
