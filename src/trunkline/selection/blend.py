"""What a score is made of, and what each part counts."""

from collections.abc import Mapping
from typing import Final, Literal

from trunkline.selection.dense import Known, Near, ServiceFit
from trunkline.selection.ranking import Part, Ranking, Weighed
from trunkline.selection.scorers import Lexical, Named, Quoted, Subject, Verb
from trunkline.selection.segment import Segment
from trunkline.selection.texts import Texts

Lever = Literal["phrases", "vectors", "clauses", "services", "coverage", "verbs", "graph", "spelling"]
Without = frozenset[Lever]
NOTHING: Final[Without] = frozenset()
# What of a score goes with a lever; words of phrases are in the index, whoever leaves phrases out builds one without.
_PARTS: Final[Mapping[Lever, tuple[str, ...]]] = {
    "phrases": ("asked", "known"),
    "vectors": ("meaning", "asked", "service fit"),
    "services": ("service",),
    "verbs": ("verb",),
}


def ranking(segment: Segment, texts: Texts, services: int, without: Without = NOTHING) -> Ranking:
    """The parts of a score and their weights: fitted on public retrieval sets, and on our own questions what only the
    real catalog has (phrases); flat around these values."""
    out = {name for lever in without for name in _PARTS.get(lever, ())}
    weighed = (
        Weighed("text", Lexical(segment), 3.6, 2.0),
        Weighed("meaning", Near(segment, "vector", lambda query: query.meaning), 2.4, 2.2),
        Weighed("asked", Near(segment, "phrase.vector", lambda query: query.deed), 2.4, 3.0),
    )
    parts = (
        Part("subject", Subject(segment), 0.9),
        Part("service", Named(segment, services), 1.8),
        Part("service fit", ServiceFit(segment), 0.2),
        Part("known", Known(segment), 2.4),
        Part("verb", Verb(segment), 0.46),
        Part("quoted", Quoted(texts), 10.0),
    )
    return Ranking(
        [each for each in weighed if each.name not in out],
        [each for each in parts if each.name not in out],
        segment,
        covers="coverage" not in without,
        follows="graph" not in without,
    )
