"""What a description of any kind is read into: operations that wait for their names."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from trunkline.catalog.manifest import Manifest
from trunkline.compiler.node import Node
from trunkline.contract import Effect, Paging, ToolPlan

Texts = Sequence[tuple[str, bytes]]
"""(source id, description as published)"""


@dataclass(frozen=True)
class Outline:
    """A tool as its description has it, before a person's edits. Title and description are texts as published."""

    title: object
    description: object
    effect: Effect
    idempotent: bool  # whatever its effect: a read is anyway
    schema: Node  # of its arguments
    plan: ToolPlan | None
    deprecated: bool = False
    anonymous: bool = False  # no credential is needed
    whole: dict[str, Node] = field(
        default_factory=dict[str, Node]
    )  # of arguments of which `schema` leaves out something
    paging: Paging | None = None  # as the description shows it


@dataclass(frozen=True)
class Draft:
    """One operation. `compile` gets the verb_noun it is called and raises BrokenDescription.

    `keys` are what an edit may call it, the most exact first. Of several that want one name, the one with the smallest
    `order` keeps it, and the others look for theirs in `others()`, best first.
    """

    id: str
    keys: tuple[str, ...]
    name: str  # verb_noun
    order: tuple[bool | int | str, ...]
    others: Callable[[], list[str]]
    compile: Callable[[str], Outline]


@dataclass(frozen=True)
class Reading:
    """The operations of all descriptions of a service. `problems` are sentences: what cannot be read, and why.

    `parts`, which grows as drafts are compiled, is what the whole schemas of their outlines refer to. `noticed` tells
    the problems that only compiling them brought up.
    """

    drafts: tuple[Draft, ...]
    problems: tuple[str, ...] = ()
    parts: Node = field(default_factory=dict[str, Any])
    noticed: Callable[[], Sequence[str]] = tuple


Reader = Callable[[Manifest, Texts], Reading]
"""Reads the descriptions of one kind. Raises InvalidManifest if none can be read at all."""
