"""The answer of list_services: a line a category, or a line a service when something is asked for."""

from collections.abc import Collection, Iterable, Sequence
from typing import Final

from trunkline.contract import CATEGORIES, Service
from trunkline.gateway.meta.find import how_to_connect
from trunkline.selection.signature import first_sentence

CONNECTED: Final = "connected"
_SHOWN_OF_CATEGORY: Final = 8
_SHOWN: Final = 25
_SUMMARY_LENGTH: Final = 60


def overview(services: Iterable[Service], connected: Collection[str]) -> str:
    """One line a category: how much there is and some names, connected ones first and starred."""
    groups: dict[str, list[Service]] = {category: [] for category in CATEGORIES}
    for service in services:
        groups[service.category].append(service)
    lines = [_category(name, group, connected) for name, group in groups.items() if group]
    return "\n".join([*lines, "* connected. Filter by category, service or word for details."])


def _category(name: str, group: Sequence[Service], connected: Collection[str]) -> str:
    ranked = sorted(group, key=lambda service: (service.id not in connected, -service.tools, service.id))
    names = [service.id + ("*" if service.id in connected else "") for service in ranked[:_SHOWN_OF_CATEGORY]]
    more = f" +{len(ranked) - len(names)} more" if len(ranked) > len(names) else ""
    return f"{name}: {len(group)} services, {sum(s.tools for s in group)} tools: {', '.join(names)}{more}"


def matching(services: Iterable[Service], wanted: str, connected: Collection[str]) -> list[Service]:
    """The services that `wanted` means: the connected ones, those of a category, or those that hold the words."""
    word = wanted.lower().strip()
    listed = list(services)
    if word == CONNECTED:
        return [service for service in listed if service.id in connected]
    if word in CATEGORIES:
        return [service for service in listed if service.category == word]
    exact = [service for service in listed if word in (service.id, service.title.lower())]
    return exact or [service for service in listed if word in _about(service)]


def details(services: Sequence[Service], connected: Collection[str]) -> str:
    """One line a service, connected ones first."""
    ranked = sorted(services, key=lambda service: (service.id not in connected, service.id))
    lines = [_service(service, service.id in connected) for service in ranked[:_SHOWN]]
    more = len(ranked) - len(lines)
    return "\n".join([*lines, *([f"+{more} more: narrow the filter"] if more else [])])


def _service(service: Service, is_connected: bool) -> str:
    state = "connected" if is_connected else f"not connected: {how_to_connect(service.id)}"
    summary = first_sentence(service.summary, _SUMMARY_LENGTH)
    return f"{service.id} ({service.category}, {service.tools} tools, {state}) {service.title}: {summary}".rstrip(": ")


def _about(service: Service) -> str:
    return " ".join((service.id, service.title, service.summary, *service.aliases)).lower()
