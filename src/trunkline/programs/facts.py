"""The settings of this start, as the dashboard tells them: no secret, no folder."""

from collections.abc import Iterable
from typing import Final

import msgspec

from trunkline.admin.api.settings import Facts, Kept, Limit, SignInWay
from trunkline.identity.invitations import INVITATION_SECONDS
from trunkline.identity.sessions import IDLE_SECONDS, SESSION_SECONDS
from trunkline.infra.settings import described
from trunkline.programs.settings import Settings

_SHOWN: Final = ("idle_seconds", "key_seconds", "topology")  # besides those of the gateway


def facts(settings: Settings) -> Facts:
    """What does not change while the process runs."""
    return Facts(
        f"{settings.listen.url}/mcp",
        settings.calling.sandbox,
        tuple(SignInWay(one.id, one.title, one.url, one.join, one.role) for one in settings.sign_in),
        tuple(_limits(settings)),
        _kept(settings),
    )


def _limits(settings: Settings) -> Iterable[Limit]:
    groups: tuple[msgspec.Struct, ...] = (settings.gateway, settings.calling, settings.keys)
    for group in groups:
        for one in described(group):
            if group is settings.gateway or one.name in _SHOWN:
                yield Limit(one.name, _text(one.value), one.description, one.variable)


def _kept(settings: Settings) -> tuple[Kept, ...]:
    return (
        Kept("Calls in the audit log, and acts of administration", 0.0),
        Kept("A browser's session", SESSION_SECONDS),
        Kept("… that nobody uses", IDLE_SECONDS),
        Kept("An MCP session that nobody uses", settings.gateway.session_idle_seconds),
        Kept("An invitation that nobody accepts", INVITATION_SECONDS),
    )


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, tuple | dict):
        return ", ".join(map(str, value)) or "none"  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]
    return f"{value:g}" if isinstance(value, float) else str(value)
