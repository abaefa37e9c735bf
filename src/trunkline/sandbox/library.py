"""Loaded services: on first use, off the loop, once; the least recently used go when there are too many."""

import asyncio
import re
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from urllib.parse import urlsplit

from trunkline.catalog.manifest import SourceKind
from trunkline.contract import NotFound
from trunkline.infra.tasks import Tasks
from trunkline.sandbox.aws.service import AwsService
from trunkline.sandbox.descriptions import Descriptions, Site, Texts
from trunkline.sandbox.discovery import DiscoveryService
from trunkline.sandbox.graphql import GraphQlService
from trunkline.sandbox.judge import Judge
from trunkline.sandbox.routes import holes, template_pattern
from trunkline.sandbox.service import Service, host_pattern

_JUDGES: Mapping[SourceKind, Callable[[Site, Texts], Judge]] = {
    "openapi": Service.load,
    "discovery": DiscoveryService.load,
    "aws": AwsService.load,
    "graphql": GraphQlService.load,
}


def load(site: Site, texts: Texts) -> Judge:
    """The judge of a site. Raises NotFound if there is none for its kind, InvalidManifest for an unreadable text."""
    make = _JUDGES.get(site.kind)
    if make is None:
        raise NotFound(f"the sandbox has no answers of {site.service}: its description is of kind {site.kind}")
    return make(site, texts)


class Library:
    """`capacity` is the number of services kept in memory. GitHub, the largest, takes about 100 MB."""

    def __init__(self, descriptions: Descriptions, *, capacity: int = 16) -> None:
        self._descriptions = descriptions
        self._capacity = capacity
        self._tasks = Tasks()
        self._loaded: OrderedDict[str, asyncio.Task[Judge]] = OrderedDict()
        self._by_host: dict[str, list[Site]] = {}
        self._patterns: list[tuple[re.Pattern[str], Site]] = []
        for site in descriptions.sites():
            self._place(site)

    def sites(self, host: str, path: str) -> list[Site]:
        """The sites that may be meant, those whose base path leads to `path` first and the longest of them foremost."""
        named = self._by_host.get(host) or [site for pattern, site in self._patterns if pattern.fullmatch(host)]
        found = [site for site in named if _admits(site, path)]
        return sorted(found, key=lambda site: _closeness(site, path), reverse=True)

    async def service(self, site: Site) -> Judge:
        """Raises what `Descriptions.get` raises; the next request then tries again."""
        task = self._loaded.get(site.service)
        if task is None:
            task = self._loaded[site.service] = self._tasks.start(self._load(site), f"load {site.service}")
            task.add_done_callback(lambda done: self._forget_failed(site.service, done))
        self._loaded.move_to_end(site.service)
        while len(self._loaded) > self._capacity:
            self._loaded.popitem(last=False)
        return await asyncio.shield(task)

    def loaded(self) -> Sequence[str]:
        return list(self._loaded)

    async def close(self) -> None:
        await self._tasks.close()

    def _place(self, site: Site) -> None:
        for host in site.hosts:
            if holes(host) or "*" in host:
                self._patterns.append((re.compile(host_pattern(host, site.variables)), site))
            usual = _usual(host, site)
            if usual:
                self._by_host.setdefault(usual.partition(":")[0], []).append(site)

    async def _load(self, site: Site) -> Judge:
        return await asyncio.to_thread(lambda: load(site, self._descriptions.get(site.service)))

    def _forget_failed(self, service: str, done: asyncio.Task[Judge]) -> None:
        if done.cancelled() or done.exception() is not None:
            self._loaded.pop(service, None)


def _usual(host: str, site: Site) -> str:
    """`host` with the defaults or examples of its variables; "" if one has neither."""
    defaults = {name: variable.sample for name, variable in site.variables.items()}
    if not all(defaults.get(name) for name in holes(host)):
        return ""
    return re.sub(r"\{(\w+)\}", lambda hole: defaults[hole.group(1)], host)


def _admits(site: Site, path: str) -> bool:
    """Whether `path` may be of the part of a description that is the site's."""
    base = template_pattern(urlsplit(site.base_url).path.rstrip("/"))

    def below(templates: Sequence[str]) -> bool:
        return any(re.match(base + template_pattern(template) + r"(/|\(|$)", path) for template in templates)

    return (not site.paths.include or below(site.paths.include)) and not below(site.paths.exclude)


def _closeness(site: Site, path: str) -> int:
    base = urlsplit(site.base_url).path.rstrip("/")
    return len(base) if re.match(template_pattern(base) + "(/|$)", path) else -1
