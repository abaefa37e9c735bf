"""What the owner can set of the gateway."""

from typing import Annotated

import msgspec
from msgspec import Meta

_Seconds = Annotated[float, Meta(ge=1, le=3600)]


class GatewaySettings(msgspec.Struct, frozen=True):
    """How calls are made and listed, and who may ask."""

    call_seconds: Annotated[_Seconds, Meta(description="Time allowed for one call, in seconds.")] = 60.0
    read_only: Annotated[bool, Meta(description="Refuse every call that may change something.")] = False
    denied: Annotated[tuple[str, ...], Meta(description="Services and tools that are never called.")] = ()
    public_hosts: Annotated[tuple[str, ...], Meta(description="Host names besides localhost, as in the URL.")] = ()
    origins: Annotated[tuple[str, ...], Meta(description="Origins of web pages that may use the endpoint.")] = ()
    learning: Annotated[
        bool, Meta(description="Let an organization's calls rank its tools a little; off forgets nothing.")
    ] = True
    tools_per_page: Annotated[int, Meta(ge=1, le=5000, description="Tools on one page of tools/list.")] = 200
    list_seconds: Annotated[int, Meta(ge=0, le=86400, description="How long clients may keep a list of tools.")] = 60
    session_idle_seconds: Annotated[float, Meta(ge=1, description="Idle time after which a session ends.")] = 1800.0
    body_limit: Annotated[int, Meta(ge=1024, description="Largest request, in bytes.")] = 4 * 1024 * 1024
