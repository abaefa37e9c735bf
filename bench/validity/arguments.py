"""Arguments of a tool, made from its own input schema: valid, plausible, the same every time."""

import json
from collections.abc import Iterator
from typing import Any, Literal

from trunkline.sandbox.dialect import Dialect
from trunkline.sandbox.document import Document
from trunkline.sandbox.generate import Generator

Kind = Literal["required", "all"]
KINDS: tuple[Kind, ...] = ("required", "all")


def made(input_schema: bytes) -> Iterator[tuple[Kind, dict[str, Any]]]:
    """The required arguments only, and then every one that the schema shows."""
    root = json.loads(input_schema)
    generator = Generator(Dialect(Document({"openapi": "3.1.0", **root})))
    for kind in KINDS:
        lean = kind == "required"
        wanted = root.get("required", ()) if lean else root["properties"]
        yield kind, {name: generator.value(root["properties"][name], name=name, lean=lean) for name in wanted}
