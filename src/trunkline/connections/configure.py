"""What an admin says of services: the OAuth app of a provider, and who connects a service. Each change is an event."""

from collections.abc import Mapping

from trunkline.connections.apps import ServiceConfig
from trunkline.connections.flow import Parts
from trunkline.connections.provider import Provider
from trunkline.connections.token_endpoint import App
from trunkline.contract import Principal, Service


class Configure:
    """For an organization's admins; whoever calls it has checked that they are."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def save_app(
        self, by: Principal, provider: str, client: tuple[str, str], more: Mapping[str, str]
    ) -> Provider:
        """Stores the app (`client`: id and secret) or replaces it; `more` are the provider's variables.

        Raises NotFound, InvalidArguments, KeysUnavailable.
        """
        found = self._parts.apps.providers.find(provider)
        await self._parts.apps.save(by.organization, App(found, *client, more), self._parts.clock.now())
        self._parts.live.forget()
        await self._told(by, "app.save", provider, client_id=client[0])
        return found

    async def remove_app(self, by: Principal, provider: str) -> None:
        """Raises NotFound."""
        await self._parts.apps.remove(by.organization, provider)
        self._parts.live.forget()
        await self._told(by, "app.delete", provider)

    async def allow(self, by: Principal, service: Service, config: ServiceConfig) -> None:
        """Raises InvalidArguments."""
        await self._parts.apps.configure(by.organization, service.connection, config, self._parts.clock.now())
        self._parts.live.forget()
        await self._told(by, "service.configure", service.connection, who=config.who)

    async def _told(self, by: Principal, act: str, target: str, **detail: str) -> None:
        await self._parts.events.record(by.organization, by.subject, act, target, detail=detail)
