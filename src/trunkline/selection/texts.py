"""The texts of a segment: names, signatures, operations, one after the other in a byte array."""

import re
from typing import Final

from trunkline.selection.segment import Segment

_OPERATION: Final = re.compile(r"([A-Z]+) (/\S*)")


class Route:
    """An API path as someone wrote it: `POST /repos/{owner}/{repo}/issues`, or with real values in its holes."""

    def __init__(self, method: str, path: str) -> None:
        self.method = method
        self.parts = path.rstrip("/").split("/")

    def serves(self, asked: "Route") -> bool:
        """Whether a request to `asked` is one to this route; `asked` without a method means any."""
        if asked.method not in ("", self.method) or len(asked.parts) != len(self.parts):
            return False
        return all(
            mine == theirs or "{" in mine or theirs.startswith(("{", ":"))
            for mine, theirs in zip(self.parts, asked.parts, strict=True)
        ) and any(mine == theirs for mine, theirs in zip(self.parts[1:], asked.parts[1:], strict=True))


class Texts:
    """Read access by tool number; tools are sorted by name."""

    def __init__(self, segment: Segment) -> None:
        self._blobs = {name: (segment[name], segment[f"{name}.at"]) for name in ("name", "signature", "operation")}
        self._count = len(segment["service"])

    def name(self, tool: int) -> str:
        return self._text("name", tool)

    def signature(self, tool: int) -> str:
        return self._text("signature", tool)

    def find(self, name: str) -> int:
        """The number of the tool called `name`, -1 for none."""
        wanted = name.encode()
        low, high = 0, self._count
        while low < high:
            middle = (low + high) // 2
            if self._bytes("name", middle) < wanted:
                low = middle + 1
            else:
                high = middle
        return low if low < self._count and self._bytes("name", low) == wanted else -1

    def serves(self, tool: int, asked: Route) -> bool:
        found = _OPERATION.match(self._text("operation", tool))
        return found is not None and Route(found[1], found[2]).serves(asked)

    def _text(self, blob: str, tool: int) -> str:
        return self._bytes(blob, tool).decode()

    def _bytes(self, blob: str, tool: int) -> bytes:
        texts, at = self._blobs[blob]
        start, end = at[tool : tool + 2].tolist()
        return texts[start:end].tobytes()
