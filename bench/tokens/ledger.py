"""Tokens of one conversation, as a model pays for them."""

from dataclasses import dataclass

from trunkline.selection import tokens


@dataclass
class Ledger:
    """`context`: what the conversation holds at its end, each token once: what a cache of the prompt makes of it.

    `billed`: what the model reads and writes over all turns: it reads the whole conversation again at each.
    """

    context: int = 0
    billed: int = 0

    def shown(self, text: str) -> None:
        """The model is shown `text`: it reads it at every turn from now on."""
        self.context += tokens.count(text)

    def add(self, count: int) -> None:
        """What was counted before is shown: the listing of a catalog."""
        self.context += count

    def turn(self, written: str = "") -> None:
        """The model reads all there is, and writes."""
        count = tokens.count(written)
        self.billed += self.context + count
        self.context += count
