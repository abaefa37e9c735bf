"""What an organization's calls taught, in the ranking: a little, seen among the parts of a score, never more.

A tool that was called and went well moves up, one that failed moves down; so does one that is called after what this
task called before. Only what stands next to one another changes places, and only where that decides.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from trunkline.selection.index import Bitmap, Found, Hit, Index

PART: Final = "learned"  # its name among the parts of a score
_CALLED: Final = 0.4  # what many calls count, all of them good; minus that, if all failed
_FOLLOWS: Final = 0.4
_SURE: Final = 5.0  # calls that make half of it
_EDGE: Final = 3.0  # times one tool followed another that make an edge of the graph,
_MOSTLY: Final = 0.5  # if that is so much of the calls of the latter
_Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Prior:
    """`tools`: (calls, good ones) of each; `pairs`: how often the second was called next to the first."""

    tools: Mapping[str, tuple[float, float]] = field(default_factory=dict[str, tuple[float, float]])
    pairs: Mapping[_Pair, float] = field(default_factory=dict[_Pair, float])

    def bonus(self, tool: str, before: Collection[str]) -> float:
        """What is added to the score of `tool` in a task that has called `before`."""
        calls, good = self.tools.get(tool, (0.0, 0.0))
        called = _CALLED * (2 * good - calls) / (calls + _SURE)
        followed = max((self.pairs.get((each, tool), 0.0) for each in before), default=0.0)
        return round(called + _FOLLOWS * followed / (followed + _SURE), 3)

    def leads_to(self, tool: str) -> str:
        """The tool that is mostly called before `tool`; "" if there is none."""
        calls = self.tools.get(tool, (0.0, 0.0))[0]
        least = max(_EDGE, _MOSTLY * calls)
        found = [(count, before) for (before, after), count in self.pairs.items() if after == tool and count >= least]
        return max(found)[1] if found else ""


def learned(index: Index, found: Found, prior: Prior, before: Collection[str], allowed: Bitmap | None) -> Found:
    """What was found, in the order that `prior` gives it, with the prerequisites it knows where the graph has none."""
    if not prior.tools:
        return found
    hits: list[Hit] = []
    for hit in found.hits:
        bonus = prior.bonus(hit.name, before)
        parts = {**hit.parts, PART: bonus} if bonus else hit.parts
        _settle(hits, replace(hit, score=round(hit.score + bonus, 3), parts=parts))
    return replace(found, hits=tuple(hits), prerequisites=_prerequisites(index, tuple(hits), found, prior, allowed))


def _settle(hits: list[Hit], hit: Hit) -> None:
    """Puts `hit` behind the others, or before those that only stood before it for want of the bonus."""
    place = len(hits)
    while place and hits[place - 1].score < hit.score and _without(hits[place - 1]) >= _without(hit):
        place -= 1
    hits.insert(place, hit)


def _without(hit: Hit) -> float:
    return hit.score - hit.parts.get(PART, 0.0)


def _prerequisites(
    index: Index, hits: tuple[Hit, ...], found: Found, prior: Prior, allowed: Bitmap | None
) -> tuple[Hit, ...]:
    firsts = {hit.clause: hit for hit in reversed(hits)}
    known = [each for each in found.prerequisites if any(hit.name == each.prerequisite_of for hit in firsts.values())]
    needing = {each.prerequisite_of for each in known}
    taken = {hit.name for hit in firsts.values()} | {each.name for each in known}
    for clause, first in sorted(firsts.items()):
        name = "" if first.name in needing else prior.leads_to(first.name)
        if name and name not in taken and (hit := index.tool(name, clause, first.name, allowed)) is not None:
            taken.add(name)
            known.append(hit)
    return tuple(known)
