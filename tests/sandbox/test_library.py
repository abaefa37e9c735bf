"""Descriptions are loaded on first use, once, off the loop, and forgotten when there are too many."""

import asyncio
import json
import threading
from collections.abc import Sequence

import pytest

from tests.sandbox.small import description, operation
from trunkline.contract import NotFound
from trunkline.sandbox.descriptions import FixedDescriptions, Site, Texts, parse
from trunkline.sandbox.library import Library
from trunkline.sandbox.service import Service

NAMES = ("a", "b", "c")


class Counting:
    """Descriptions that count their loads."""

    def __init__(self, failures: int = 0) -> None:
        self.loads: list[str] = []
        self.threads: set[int] = set()
        self._failures = failures

    def sites(self) -> Sequence[Site]:
        return [
            Site(name, (f"{name}.example.com", "shared.example.com"), f"https://shared.example.com/{name}")
            for name in NAMES
        ]

    def get(self, service: str) -> Texts:
        self.loads.append(service)
        self.threads.add(threading.get_ident())
        if len(self.loads) <= self._failures:
            raise NotFound("no such description")
        return [("small", json.dumps(description({"/x": {"get": operation()}})).encode())]


async def test_a_service_is_loaded_once_however_many_ask() -> None:
    descriptions = Counting()
    library = Library(descriptions)
    (site,) = library.sites("a.example.com", "/x")
    loaded = await asyncio.gather(*(library.service(site) for _ in range(20)))
    assert descriptions.loads == ["a"]
    assert all(it is loaded[0] for it in loaded)
    assert threading.get_ident() not in descriptions.threads


async def test_the_least_recently_used_service_is_forgotten() -> None:
    descriptions = Counting()
    library = Library(descriptions, capacity=2)
    a, b, c = descriptions.sites()
    for site in (a, b, a, c, a, b):
        await library.service(site)
    assert descriptions.loads == ["a", "b", "c", "b"]
    assert list(library.loaded()) == ["a", "b"]


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
async def test_a_failed_load_is_tried_again() -> None:
    library = Library(Counting(failures=1))
    (site,) = library.sites("a.example.com", "/x")
    with pytest.raises(NotFound):
        await library.service(site)
    assert isinstance(await library.service(site), Service)


async def test_a_kind_of_description_that_nothing_answers_from_is_said_so() -> None:
    site = Site("a", ("a.example.com",), kind="python")
    with pytest.raises(NotFound, match="python"):
        await Library(FixedDescriptions([(site, {})])).service(site)


async def test_of_services_on_one_host_the_one_whose_base_path_fits_comes_first() -> None:
    library = Library(Counting())
    assert library.sites("shared.example.com", "/b/x")[0].service == "b"
    assert library.sites("nowhere.example.com", "/") == []


def test_yaml_is_read_as_json_would_be() -> None:
    root = parse(
        b"openapi: 3.0.0\npaths:\n  /x: {get: {responses: {200: {since: 2026-01-15, on: no, ok: true}}}}\n",
        "y",
    )
    assert root["paths"]["/x"]["get"]["responses"] == {"200": {"since": "2026-01-15", "on": "no", "ok": True}}
    assert parse(b' {"openapi": "3.1.0"}', "j") == {"openapi": "3.1.0"}
