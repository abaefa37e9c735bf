"""What gateway and category server say to each other over a byte stream: one msgpack message a frame.

The gateway sends `Call`, `Cancel`, `Drain` and `Ping`; the category server answers with `Hello` once, `Pong`, and the
events of the port. Several calls share one stream; an event names its call.
"""

import msgspec

from trunkline.contract.call import AllowedCall
from trunkline.contract.port import Chunk, Done, Failed, Progress


class Call(msgspec.Struct, frozen=True, array_like=True, tag="call"):
    """Execute this call."""

    call: AllowedCall
    ticket: bytes


class Cancel(msgspec.Struct, frozen=True, array_like=True, tag="cancel"):
    """The caller gave the call up."""

    call: str


class Drain(msgspec.Struct, frozen=True, array_like=True, tag="drain"):
    """Finish what is under way, then end."""


class Ping(msgspec.Struct, frozen=True, array_like=True, tag="ping"):
    """Are you there?"""

    number: int


class Hello(msgspec.Struct, frozen=True, array_like=True, tag="hello"):
    """Ready for calls."""

    category: str
    pid: int


class Pong(msgspec.Struct, frozen=True, array_like=True, tag="pong"):
    """The answer to the `Ping` of the same number."""

    number: int
    in_flight: int


ToCategory = Call | Cancel | Drain | Ping
FromCategory = Hello | Pong | Progress | Chunk | Done | Failed
