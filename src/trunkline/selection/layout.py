"""What the builder and the readers of an index agree on."""

from typing import Final

from trunkline.contract import Effect

FILE: Final = "selection.index"
EFFECTS: Final = tuple(Effect)  # by the number that the index holds
