"""Real services for the tests: as their manifests and the pinned descriptions have them."""

from collections.abc import Iterator
from dataclasses import dataclass

from tests.sandbox.good_requests import Draft, base_of, draft, is_expressible, query_credential
from tests.support.catalogs import NAMED
from tests.support.folders import downloads, mirror
from trunkline.catalog.manifests import Manifests
from trunkline.catalog.sources import Sources
from trunkline.sandbox.descriptions import ManifestDescriptions, Site
from trunkline.sandbox.operation import Operation
from trunkline.sandbox.service import Match, Service
from trunkline.sandbox.violation import Violation

ALL = Manifests.load().by_id
# Those of a name: a tool of every other is judged by bench.validity and tests/compiler/test_whole_catalog.py.
MANIFESTS = Manifests({name: each for name, each in ALL.items() if each.kind == "openapi" and name in NAMED})


def descriptions() -> ManifestDescriptions:
    sources = Sources(downloads(), mirror())
    return ManifestDescriptions(sources, MANIFESTS)


@dataclass(frozen=True)
class Real:
    """A service with a lean and a full request for each operation, and the base each is served at."""

    name: str
    service: Service
    drafts: list[tuple[Draft, str]]

    @staticmethod
    def of(name: str) -> "Real":
        service = Service.load(Site.of(MANIFESTS.by_id[name]), descriptions().get(name))
        return Real(name, service, list(_drafts(service)))

    def judged(self, made: Draft, base: str) -> list[Violation]:
        """The violations of a draft, as the sandbox finds them."""
        request = made.request(base)
        found = self.service.find(request.method, request.host, request.path)
        if isinstance(found, Violation):
            return [found]
        verdicts = [operation.check(request, found.path_values).violations for operation in found.operations]
        return min(verdicts, key=len)

    def expressible(self) -> list[tuple[Draft, str]]:
        """The drafts that can be said at all."""
        return [(made, base) for made, base in self.drafts if is_expressible(made)]

    def clear(self) -> list[tuple[Draft, str]]:
        """Those that lead to their operation alone: some operations share method and path."""
        return [(made, base) for made, base in self.expressible() if self.found(made, base) == (made.operation,)]

    def found(self, made: Draft, base: str) -> tuple[Operation, ...]:
        """The operations a draft leads to."""
        request = made.request(base)
        found = self.service.find(request.method, request.host, request.path)
        return found.operations if isinstance(found, Match) else ()


def _drafts(service: Service) -> Iterator[tuple[Draft, str]]:
    for operation in service.operations():
        for full in (False, True):
            made = draft(operation, full=full)
            yield made.with_(extra=query_credential(operation)), base_of(service, operation)
