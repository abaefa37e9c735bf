"""modules/sources.lock: the version and sha256 of every source, by source id."""

from collections.abc import Mapping
from pathlib import Path

import msgspec

from trunkline.catalog.family import MODULES
from trunkline.contract import InvalidManifest, NotFound

LOCK = MODULES / "sources.lock"


class Pin(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`version` is that of the package or the commit of the repository; `sha256` that of the description itself.

    Of a member published compressed (`….gz`, of a wheel) it is that of the uncompressed text.
    """

    version: str
    sha256: str


class Lock(msgspec.Struct, frozen=True):
    """All pins."""

    pins: Mapping[str, Pin]

    @staticmethod
    def load(path: Path = LOCK) -> "Lock":
        """Raises InvalidManifest if the file is not a lock."""
        try:
            return Lock(msgspec.json.decode(path.read_bytes(), type=dict[str, Pin]))
        except (OSError, msgspec.DecodeError) as error:
            raise InvalidManifest(f"{path.name}: {error}") from error

    def save(self, path: Path = LOCK) -> None:
        text = msgspec.json.encode(dict(sorted(self.pins.items())))
        path.write_bytes(msgspec.json.format(text, indent=1) + b"\n")

    def pin(self, source: str) -> Pin:
        """Raises NotFound."""
        try:
            return self.pins[source]
        except KeyError:
            raise NotFound(f"source {source!r} is not pinned", "Add it to modules/sources.lock.") from None

    def paths(self, package: "SourceId", version: str) -> set[str]:
        """What is pinned of one version of the package that `package` is a member of."""
        found: set[str] = set()
        for source, pin in self.pins.items():
            parsed = SourceId.parse(source)
            if (parsed.kind, parsed.origin, pin.version) == (package.kind, package.origin, version):
                found.add(parsed.path)
        return found


class SourceId(msgspec.Struct, frozen=True):
    """`npm:<package>:<member>`, `pypi:<package>:<member>` or `github:<owner>/<repo>:<path>`, taken apart."""

    kind: str
    origin: str
    path: str

    @staticmethod
    def parse(source: str) -> "SourceId":
        """Raises InvalidManifest."""
        parts = source.split(":", 2)
        if len(parts) != 3 or parts[0] not in _FORMS or not all(parts):
            raise InvalidManifest(f"source {source!r} is none of {', '.join(_FORMS.values())}")
        return SourceId(*parts)

    def __str__(self) -> str:
        return f"{self.kind}:{self.origin}:{self.path}"


_FORMS = {
    "npm": "npm:<package>:<member>",
    "pypi": "pypi:<package>:<member>",
    "github": "github:<owner>/<repo>:<path>",
}
