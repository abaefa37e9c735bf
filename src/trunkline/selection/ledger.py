"""Tokens an agent spends on its tools, by what for, against what listing every tool would have cost."""

from dataclasses import dataclass, field
from enum import StrEnum


class Spent(StrEnum):
    """What tokens go to."""

    MENU = "menu"  # tools/list of the meta-tools
    DISCOVERY = "discovery"  # find_tools, list_services: questions and answers
    SCHEMAS = "schemas"  # describe_tools
    CALLS = "calls"  # the calls as the model writes them
    ANSWERS = "answers"  # what the services answered


@dataclass(slots=True)
class Ledger:
    """Adds up tokens (o200k_base). `listing` is the cost of listing every tool, as `Index.listing_tokens` says it."""

    listing: int
    spent: dict[Spent, int] = field(default_factory=lambda: dict.fromkeys(Spent, 0))

    def add(self, kind: Spent, tokens: int) -> None:
        self.spent[kind] += tokens

    @property
    def total(self) -> int:
        return sum(self.spent.values())

    @property
    def reaching(self) -> int:
        """What it took to reach the tools: everything but the calls and answers, which cost the same either way."""
        return self.total - self.spent[Spent.CALLS] - self.spent[Spent.ANSWERS]

    @property
    def factor(self) -> float:
        """How many times more listing every tool would have cost."""
        return self.listing / max(self.reaching, 1)
