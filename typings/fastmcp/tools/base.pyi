"""A tool as a server lists it."""

from typing import Any

class Tool:
    def __init__(self, *, name: str, description: str, parameters: dict[str, Any]) -> None: ...
