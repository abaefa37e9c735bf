"""Real services for the tests: as their manifests and the pinned descriptions have them."""

from collections.abc import Iterator
from functools import lru_cache

from tests.sandbox.good_requests import Draft, base_of, draft, is_expressible, query_credential
from tests.support.folders import downloads, mirror
from trunkline.catalog.manifests import Manifests
from trunkline.catalog.sources import Sources
from trunkline.sandbox.descriptions import ManifestDescriptions, Site
from trunkline.sandbox.service import Match, Service
from trunkline.sandbox.violation import Violation

MANIFESTS = Manifests.load()


def descriptions() -> ManifestDescriptions:
    sources = Sources(downloads(), mirror())
    return ManifestDescriptions(sources, MANIFESTS)


@lru_cache(maxsize=1)
def service(name: str) -> Service:
    return Service(Site.of(MANIFESTS.by_id[name]), descriptions().get(name))


def drafts(of: Service) -> Iterator[tuple[Draft, str]]:
    """A lean and a full request for each operation, with the base it is served at."""
    for operation in of.operations():
        for full in (False, True):
            made = draft(operation, full=full)
            yield made.with_(extra=query_credential(operation)), base_of(of, operation)


def judged(of: Service, made: Draft, base: str) -> list[Violation]:
    """The violations of a draft, as the sandbox finds them."""
    request = made.request(base)
    found = of.find(request.method, request.host, request.path)
    if isinstance(found, Violation):
        return [found]
    verdicts = [operation.check(request, found.path_values).violations for operation in found.operations]
    return min(verdicts, key=len)


def is_clear(of: Service, made: Draft, base: str) -> bool:
    """Whether the request can be said at all and leads to its operation alone (templates may overlap)."""
    request = made.request(base)
    found = of.find(request.method, request.host, request.path)
    return is_expressible(made) and isinstance(found, Match) and found.operations == (made.operation,)
