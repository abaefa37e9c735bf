"""Access tokens renewed: ahead of their end, once, whatever the number of calls and of gateways.

In a process, whoever needs the same connection's token waits for the one refresh under way. Between processes the row
of the grant is claimed (`grants`), and whoever did not get it waits for what the other writes. Only a refused grant
ends a connection; everything else is tried again later, and meanwhile a token that is still good is used.
"""

import asyncio
import secrets
from typing import Final, Protocol

import structlog

from trunkline.connections.apps import Apps
from trunkline.connections.grants import Grant, Grants
from trunkline.connections.token_endpoint import AppRefused, GrantRefused, Later, TokenEndpoint, Tokens
from trunkline.contract import (
    DatabaseUnavailable,
    Fault,
    InvalidSettings,
    KeysUnavailable,
    NeedsConnection,
    UpstreamUnavailable,
)
from trunkline.infra.clock import Clock
from trunkline.infra.tasks import Tasks

AHEAD: Final = 120.0  # seconds before its end that a token is renewed
CLAIM: Final = 45.0  # seconds that a process has for one refresh; its requests end well before
_LOOK: Final = 0.05  # seconds between two looks at a row that another process has claimed
_FIRST_WAIT, _LONGEST_WAIT = 5.0, 300.0  # seconds between tries that fail
_TOO_SOON: Final = 30.0  # a token renewed so recently that is refused is not helped by another
_KEEP: Final = 600.0  # seconds that a renewed token waits in memory for the database
_RETRY: Final = 1.0
_CLOSE: Final = 10.0  # seconds that refreshes under way have when the process stops

_log = structlog.get_logger("trunkline.connections")


class Events(Protocol):
    """Where administrative acts are written down (`identity.events`)."""

    async def record(
        self, organization: str, actor: str, act: str, target: str = "", *, outcome: str = "ok", detail: dict[str, str]
    ) -> None: ...


class Refresher:
    """Renews grants."""

    def __init__(self, grants: Grants, apps: Apps, endpoint: TokenEndpoint, events: Events, clock: Clock) -> None:
        self._grants = grants
        self._apps = apps
        self._endpoint = endpoint
        self._events = events
        self._clock = clock
        self._name = secrets.token_hex(8)  # this process, in claims
        self._tasks = Tasks()
        self._running: dict[str, asyncio.Task[Fault | None]] = {}

    def is_due(self, grant: Grant) -> bool:
        """Whether the access token ends so soon that it should be renewed first."""
        return 0 < grant.expires_at < self._clock.now() + AHEAD

    async def refresh(self, id: str, version: int) -> None:
        """Afterwards the connection `id` has newer tokens than those of `version`, or its old ones are still good.

        Raises NeedsConnection where a person must consent again; UpstreamUnavailable where the provider cannot be
        asked; InvalidSettings where an admin must look; KeysUnavailable.
        """
        task = self._running.get(id)
        if task is None:
            task = self._tasks.start(self._settled(id, version), "token refresh")
            self._running[id] = task
            task.add_done_callback(lambda _: self._running.pop(id, None))
        fault = await asyncio.shield(task)  # a caller who gives up must not lose what the provider has handed out
        if fault is not None:
            raise fault

    async def close(self) -> None:
        """Waits for refreshes under way: tokens that were handed out must be written down."""
        if self._running:
            await asyncio.wait(tuple(self._running.values()), timeout=_CLOSE)
        await self._tasks.close()

    async def _settled(self, id: str, version: int) -> Fault | None:
        """What everybody who waits is told."""
        try:
            await self._refresh(id, version)
        except Fault as fault:
            return fault
        return None

    async def _refresh(self, id: str, version: int) -> None:
        until = self._clock.monotonic() + CLAIM
        while self._clock.monotonic() < until:
            grant = await self._grants.read(id)
            if grant is None or grant.version > version or self._is_helpless(grant):
                return
            now = self._clock.now()
            free = not grant.claim or grant.claimed_until < now
            if free and await self._grants.claim(grant, self._name, now, now + CLAIM):
                await self._renew(grant)
                return
            await asyncio.sleep(_LOOK)
        raise UpstreamUnavailable("Another process is renewing this connection and does not end.", "Call again.")

    def _is_helpless(self, grant: Grant) -> bool:
        """Whether another refresh would be of no use now, and the token may be good. Raises where it is not."""
        if grant.state != "active":
            raise renewal(grant)
        now = self._clock.now()
        if grant.retry_at > now and not self._is_usable(grant):
            text = f"The sign-in at {grant.provider} cannot be renewed at present."
            raise UpstreamUnavailable(text, f"Call again in {grant.retry_at - now:.0f} s.")
        is_new = now - grant.refreshed_at < _TOO_SOON and not self.is_due(grant)
        return grant.retry_at > now or is_new

    def _is_usable(self, grant: Grant) -> bool:
        return grant.expires_at > self._clock.now()

    async def _renew(self, grant: Grant) -> None:
        """The claim is ours, and is given back whatever happens, unless this process dies."""
        try:
            tokens = await self._ask(grant)
        except GrantRefused as refused:
            await self._end(grant, refused.message)
        except (Later, AppRefused) as fault:
            await self._later(grant, fault)
        except Fault:
            await self._grants.postpone(grant, self._name, self._clock.now() + _FIRST_WAIT)
            raise
        else:
            await self._keep(grant, tokens)

    async def _ask(self, grant: Grant) -> Tokens:
        app = await self._apps.find(grant.organization, grant.provider)
        if app is None:
            raise InvalidSettings(
                f"There is no OAuth app for {grant.provider} any more.", "An admin must configure it again."
            )
        provider = app.provider
        if grant.claim and grant.interrupted and provider.refresh == "rotating":
            raise GrantRefused("renewing it was broken off twice, so that it is not known which token is the last")
        app = app.with_variables(grant.variables)
        if provider.grant == "client_credentials":
            return await self._endpoint.client_credentials(app, grant.asked)
        refresh = await self._grants.refresh_token(grant)
        if not refresh:
            raise GrantRefused(f"{provider.title} gave no refresh token, and the access token is no longer accepted")
        tokens = await self._endpoint.refresh(app, refresh)
        return tokens if tokens.refresh else tokens.with_refresh(refresh)

    async def _keep(self, grant: Grant, tokens: Tokens) -> None:
        now = self._clock.now()
        ends = now + tokens.expires_in if tokens.expires_in else 0.0
        secret = {"access": tokens.access, "refresh": tokens.refresh}
        if not await self._written(grant, secret, ends):
            _log.info("connection was replaced while it was renewed", connection=grant.id)

    async def _written(self, grant: Grant, secret: dict[str, str], ends: float) -> bool:
        """Whether it was still ours. While database or keys are away it is tried again: the old token is worth nothing
        any more, and the provider gives out the new one once."""
        until = self._clock.monotonic() + _KEEP
        while True:
            try:
                return await self._grants.renewed(grant, self._name, secret, ends, self._clock.now())
            except (DatabaseUnavailable, KeysUnavailable) as fault:
                if self._clock.monotonic() > until:
                    raise
                _log.warning("renewed token cannot be stored yet", connection=grant.id, reason=fault.message)
            await asyncio.sleep(_RETRY)

    async def _end(self, grant: Grant, reason: str) -> None:
        await self._grants.end(grant, self._name, reason)
        detail = {"provider": grant.provider, "reason": reason}
        await self._events.record(
            grant.organization, "", "connection.refresh", grant.id, outcome="refused", detail=detail
        )
        _log.warning("connection must be renewed", connection=grant.id, provider=grant.provider, reason=reason)
        raise renewal(grant, reason)

    async def _later(self, grant: Grant, fault: Later | AppRefused) -> None:
        wait = min(_FIRST_WAIT * 2.0 ** min(grant.failures, 10), _LONGEST_WAIT)
        wait = max(wait, fault.wait)
        await self._grants.postpone(grant, self._name, self._clock.now() + wait)
        _log.warning("token not renewed", connection=grant.id, provider=grant.provider, reason=fault.message)
        if not self._is_usable(grant):
            raise fault.fault()


def renewal(grant: Grant, reason: str = "") -> NeedsConnection:
    """What a call is told whose connection has come to its end."""
    return NeedsConnection(f"The connection to {grant.provider} must be renewed: {reason or grant.reason}")
