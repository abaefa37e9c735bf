"""Arguments that are sent to an upstream server as headers too (2026-07-28, SEP-2243)."""

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from trunkline.gateway.param_headers import Declared, at, declared, header_text

_PLAIN: Final = re.compile(r"([\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?)?")


@dataclass(frozen=True, slots=True)
class ParamHeaders:
    """Which arguments of a tool become headers."""

    places: tuple[Declared, ...] = ()

    @staticmethod
    def of(schema: bytes) -> "ParamHeaders":
        """From the JSON text of an input schema."""
        return ParamHeaders(declared(schema))

    def lines(self, arguments: bytes, further: Mapping[str, str]) -> bytes:
        """The header lines of a call: its arguments' (JSON text of an object), and the `further` ones nobody declared.

        An absent or null argument has none.
        """
        if not self.places and not further:
            return b""
        given: Any = msgspec.json.decode(arguments)
        texts = {f"Mcp-Param-{place.header}": header_text(at(given, place.path)) for place in self.places}
        known = {name.lower() for name in texts}
        own = [line(name, text) for name, text in texts.items() if text is not None]
        return b"".join(own + [line(name, text) for name, text in further.items() if name not in known])


def line(name: str, value: str) -> bytes:
    """One header line. A value that HTTP cannot carry goes in Base64 (2026-07-28, basic/transports)."""
    if not _PLAIN.fullmatch(value):
        value = f"=?base64?{base64.b64encode(value.encode()).decode()}?="
    return f"{name}: {value}\r\n".encode()
