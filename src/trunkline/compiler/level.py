"""How much of a schema is shown. The compiler tries levels from rich to poor until a tool's input schema is small."""

from dataclasses import dataclass

_NODE = 12  # bytes: no schema inside another is smaller


@dataclass(frozen=True)
class Level:
    """Objects show their optional properties down to `depth` (an argument is depth 0); required ones always stay.

    `text` and `inner_text` limit descriptions (characters) of arguments and of what is inside them. The level is good
    enough if the whole input schema is at most `size` bytes.
    """

    depth: int
    text: int
    inner_text: int
    size: int
    nodes: int = 0  # schemas looked at before the level is given up; 0: as many as could ever fit

    @property
    def limit(self) -> int:
        return self.nodes or self.size // _NODE


LEVELS = (
    Level(depth=4, text=160, inner_text=100, size=2_500),
    Level(depth=3, text=120, inner_text=60, size=3_500),
    Level(depth=2, text=100, inner_text=40, size=5_000),
    Level(depth=2, text=80, inner_text=0, size=6_500),
    Level(depth=1, text=80, inner_text=0, size=8_000),
    Level(depth=0, text=60, inner_text=0, size=9_500),
    Level(depth=0, text=0, inner_text=0, size=9_500, nodes=6000),
)
