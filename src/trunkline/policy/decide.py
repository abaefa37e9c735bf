"""The decision: a tool, a caller and a connection -> an `AllowedCall`, or a refusal that says what to do next.

Pure and synchronous. The only place that builds an `AllowedCall`.
"""

import re
from collections.abc import Mapping
from typing import Final

import msgspec

from trunkline.contract import (
    AllowedCall,
    ConnectionRef,
    Effect,
    InsufficientScope,
    NeedsConnection,
    PolicyDenied,
    Principal,
    Service,
    ToolSpec,
    View,
)

_HOLE: Final = re.compile(r"\{([^{}]*)\}")


class Asked(msgspec.Struct, frozen=True):
    """One call as asked for.

    `deadline` is in seconds since the epoch. `read_only`: the caller promised to change nothing. `reading`: its
    credential is for reading alone.
    """

    id: str
    principal: Principal
    spec: ToolSpec
    service: Service
    arguments: bytes
    deadline: float
    read_only: bool = False
    view: View | None = None
    reading: bool = False


class Rules(msgspec.Struct, frozen=True):
    """The owner's standing rules. `denied` holds service ids and tool names."""

    read_only: bool = False
    denied: frozenset[str] = frozenset()


def decide(asked: Asked, connection: ConnectionRef | None, variables: Mapping[str, str], rules: Rules) -> AllowedCall:
    """The call that may be made.

    `variables` are the tenant's values, by name. Raises `PolicyDenied` and `NeedsConnection`.
    """
    spec, service = asked.spec, asked.service
    _obey(asked, rules)
    if connection is None and service.auth and needs_connection(spec, service):
        raise _no_connection(service)
    values = _values(service, variables) if service.variables else {}
    return AllowedCall(
        asked.id,
        spec.name,
        service.id,
        spec.category,
        spec.effect,
        spec.idempotent,
        asked.arguments,
        asked.principal.subject,
        asked.principal.organization,
        _filled(service.hosts, values) if values else service.hosts,
        asked.deadline,
        connection,
        values,
        asked.view,
    )


def needs_connection(spec: ToolSpec, service: Service) -> bool:
    """Whether the tool's description asks for a credential."""
    return bool(service.auth) and not spec.anonymous


def _obey(asked: Asked, rules: Rules) -> None:
    spec = asked.spec
    if spec.effect is not Effect.READ and asked.reading:
        raise InsufficientScope(f"{spec.name} may change something ({spec.effect}); the access token is for reading.")
    if spec.effect is not Effect.READ and (asked.read_only or rules.read_only):
        hint = "Use call_tool." if asked.read_only else "Ask the owner to turn the setting read_only off."
        raise PolicyDenied(f"{spec.name} may change something ({spec.effect}); only reading is allowed here.", hint)
    if rules.denied and not rules.denied.isdisjoint((spec.name, spec.service)):
        raise PolicyDenied(f"{spec.name} is denied by the owner's rules.", "Use another tool, or ask the owner.")


def _no_connection(service: Service) -> NeedsConnection:
    return NeedsConnection(
        f"{service.title} is not connected.",
        f"Ask the owner to run `trunkline connect {service.id}`, then call again. list_services shows what is.",
    )


def _values(service: Service, variables: Mapping[str, str]) -> dict[str, str]:
    values = {name: variables.get(name, variable.default) for name, variable in service.variables.items()}
    unsaid = {name for name, value in values.items() if not value}
    missing = sorted(unsaid.intersection(*map(service.needs, service.auth))) if unsaid else []
    if missing:
        raise NeedsConnection(
            f"It is not known which {', '.join(missing)} of {service.title} to call.",
            f"Connect {service.id} again and say its {', '.join(missing)}.",
        )
    return {name: value for name, value in values.items() if value} if unsaid else values


def _filled(hosts: tuple[str, ...], values: Mapping[str, str]) -> tuple[str, ...]:
    """The hosts that there is a value for: one of another way to sign in need not have one."""
    return tuple(host.format_map(values) for host in hosts if values.keys() >= set(_HOLE.findall(host)))
