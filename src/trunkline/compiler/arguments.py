"""The arguments of a tool: unique names that every client accepts, their schemas, which are required."""

import re
from dataclasses import dataclass, field
from itertools import chain, count
from typing import Any

from trunkline.compiler.document import Document
from trunkline.compiler.level import Level
from trunkline.compiler.schema import Shaper

Node = dict[str, Any]

_NOT_ALLOWED = re.compile(r"[^A-Za-z0-9_.-]+")
_MAX_NAME = 64


class Arguments:
    """Collected in order; a name that is taken gets the place before it (`id` in path and body: `id`, `body_id`)."""

    def __init__(self) -> None:
        self.properties: Node = {}
        self.required: list[str] = []
        self.wholes: dict[str, object] = {}  # the description's own schema of each

    def add(self, name: str, place: str, schema: Node, *, required: bool, whole: object) -> str:
        """The argument's name in the input schema."""
        argument = self._free(_NOT_ALLOWED.sub("_", name).strip("_")[:_MAX_NAME] or place, place)
        self.properties[argument] = schema
        self.wholes[argument] = whole
        if required:
            self.required.append(argument)
        return argument

    def _free(self, name: str, place: str) -> str:
        if name not in self.properties:
            return name
        candidates = chain((f"{place}_{name}",), (f"{name}_{number}" for number in count(2)))
        return next(each for each in candidates if each not in self.properties)

    def schema(self) -> Node:
        """The input schema. Only the arguments it lists are accepted."""
        out: Node = {"type": "object", "properties": self.properties}
        if self.required:
            out["required"] = self.required
        return out | {"additionalProperties": False}


@dataclass(frozen=True)
class Inputs:
    """What is needed to turn the inputs of one operation into arguments at one level."""

    document: Document
    level: Level
    shaper: Shaper
    hidden: frozenset[tuple[str, str]]  # (place, lower-case name) of what is never an argument
    arguments: Arguments = field(default_factory=Arguments)

    @staticmethod
    def at(document: Document, level: Level, hidden: frozenset[tuple[str, str]]) -> "Inputs":
        return Inputs(document, level, Shaper(document, level), hidden)
