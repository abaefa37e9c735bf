"""What the makers and the readers of an index agree on.

An index is a segment (see `segment`) whose services are sorted by name and whose tools by service, then name: a service
is one range of all that is kept by tool. A *piece* is the index of one service without what only the whole can say;
`piece` makes it, `merge` puts pieces together.
"""

from typing import Final

from trunkline.contract import Effect

FILE: Final = "selection.index"
EFFECTS: Final = tuple(Effect)  # by the number that the index holds
