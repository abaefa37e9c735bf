"""What both lanes share: one pipeline, one list, one way to write answers."""

from dataclasses import dataclass

from trunkline.gateway.answer import Answers
from trunkline.gateway.listing import Listings
from trunkline.gateway.pipeline import Pipeline
from trunkline.gateway.toolset import Toolsets
from trunkline.gateway.upstreams import Upstreams


@dataclass(frozen=True, slots=True)
class Line:
    """`instructions` tell a model what this server is for."""

    pipeline: Pipeline
    toolsets: Toolsets
    listings: Listings
    answers: Answers
    upstreams: Upstreams
    instructions: str = ""
