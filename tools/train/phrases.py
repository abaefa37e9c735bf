"""Pairs from our own usage phrases: how a person asks, and the tool or service."""

from collections.abc import Iterable, Iterator, Sequence

from tools.train.corpus import Pair
from trunkline.catalog.usage import Usage
from trunkline.contract import Service


def of_usage(usage: Usage, services: Iterable[Service]) -> Iterator[Pair]:
    """A phrase and the tool's name; two phrases of one tool; a phrase with the service said and the bare name.

    Names only, never descriptions: those may be under a licence of their own.
    """
    known = {service.id: service for service in services}
    for name, phrases in usage.tools.items():
        owner, _, own_name = name.partition("_")
        if owner in known:
            yield from _of_tool(known[owner].title, own_name.replace("_", " "), phrases, owner)
    for owner, phrases in usage.services.items():
        if owner in known:
            yield from _of_service(known[owner], phrases)


def _of_tool(title: str, name: str, phrases: Sequence[str], group: str) -> Iterator[Pair]:
    for number, phrase in enumerate(phrases):
        others = ". ".join((*phrases[:number], *phrases[number + 1 :]))
        yield Pair(phrase, f"{title}: {name}", group)
        yield Pair(f"{phrase} in {title}" if number % 2 else f"{title} {phrase}", f"{title}: {name}. {others}", group)
        if others:
            yield Pair(phrase, f"{name}. {others}", "usage")


def _of_service(service: Service, phrases: Sequence[str]) -> Iterator[Pair]:
    for number, phrase in enumerate(phrases):
        others = ". ".join((*phrases[:number], *phrases[number + 1 :]))
        yield Pair(phrase, f"{service.title}. {service.summary}", "services")
        yield Pair(phrase, f"{service.title}: {others}", "services")
