"""What the input schemas of one service leave out, `<catalog>/<service>.more`: zlib over JSON.

`tools`: tool -> argument -> its whole schema, of the arguments of which something is left out. `$defs`: the parts that
those refer to, each once.
"""

import zlib
from pathlib import Path
from typing import Any

import msgspec

from trunkline.contract import Internal

SUFFIX = ".more"


class More(msgspec.Struct, frozen=True):
    """Whole schemas by tool and argument, and the parts that they refer to."""

    tools: dict[str, dict[str, Any]] = {}
    parts: dict[str, Any] = {}


def pack(more: More) -> bytes:
    return zlib.compress(msgspec.json.encode(more), level=6)


def read(path: Path) -> More:
    """What is in the file at `path`; nothing if there is none. Raises Internal if it is damaged."""
    try:
        return msgspec.json.decode(zlib.decompress(path.read_bytes()), type=More)
    except FileNotFoundError:
        return More()
    except (zlib.error, msgspec.DecodeError) as error:
        raise Internal(f"{path.name} is damaged", "Run `trunkline catalog build`.") from error
