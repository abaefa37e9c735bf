"""Pieces to an index; and an index to the next one, of which most services are taken over as they are.

A piece and an index hold the same of a service. What only the whole can say (the weights of terms, clusters, how
specific a name is) is worked out anew, so that the same pieces give the same bytes, whatever way they came.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import msgspec
import numpy as np

from trunkline.contract import Service
from trunkline.selection.aliases import ServiceNames, find_aliases
from trunkline.selection.joined import Place, join
from trunkline.selection.neighbours import Centres
from trunkline.selection.postings import weights
from trunkline.selection.segment import Array, Segment
from trunkline.selection.words import Analyzer


@dataclass(frozen=True, slots=True)
class Held:
    """A service, the key of what its piece was made from, and where that is: in a piece, or in an index by number."""

    service: Service
    key: str
    segment: Segment
    number: int = 0


def keys(index: Segment) -> dict[str, tuple[int, str]]:
    """Service -> its number in `index`, and the key of its piece."""
    made = msgspec.msgpack.decode(index["made"].tobytes(), type=list[tuple[str, str]])
    return {service: (number, key) for number, (service, key) in enumerate(made)}


def merge(held: Iterable[Held]) -> dict[str, Array]:
    """The arrays of the index of all that is held."""
    # Tools are sorted by service, and so by name: a tool's name begins with its service and `_`.
    ordered = sorted(held, key=lambda each: f"{each.service.id}_")
    arrays, found = join([Place(each.segment, each.number) for each in ordered])
    arrays |= weights(found, len(arrays["term"]), arrays["length"])
    arrays["centre"] = Centres.load().small
    arrays["services"] = packed(_names([each.service for each in ordered], arrays))
    arrays["made"] = packed([(each.service.id, each.key) for each in ordered])
    return dict(sorted(arrays.items()))


def _names(services: Sequence[Service], arrays: Mapping[str, Array]) -> ServiceNames:
    return ServiceNames(
        tuple(service.id for service in services),
        tuple(service.title for service in services),
        tuple(service.category for service in services),
        find_aliases(services, arrays, Analyzer()),
    )


def packed(content: object) -> Array:
    """`content` in msgpack, as an array of bytes."""
    return np.frombuffer(msgspec.msgpack.encode(content), np.uint8)
