"""The data directory: everything Trunkline keeps lies below one folder."""

from pathlib import Path

import msgspec

from trunkline.contract import InvalidSettings


class DataDir(msgspec.Struct, frozen=True):
    """Paths below the data directory `root`."""

    root: Path

    @property
    def catalog(self) -> Path:
        """The compiled catalog and the selection index."""
        return self.root / "catalog"

    @property
    def cache(self) -> Path:
        """Downloaded API descriptions, by sha256."""
        return self.root / "cache"

    @property
    def database(self) -> Path:
        return self.root / "trunkline.db"

    @property
    def key(self) -> Path:
        return self.root / "master.key"

    @property
    def credential_key(self) -> Path:
        """The keys that wrap data keys, unless a setting names another file."""
        return self.root / "credentials.key"

    @property
    def log(self) -> Path:
        return self.root / "log"

    def create(self) -> "DataDir":
        """Makes the folders, readable by their owner alone. Raises `InvalidSettings` where that is not possible."""
        try:
            self.root.mkdir(parents=True, exist_ok=True, mode=0o700)
            self.log.mkdir(exist_ok=True, mode=0o700)
        except OSError as fault:
            raise InvalidSettings(
                f"The data directory {self.root} cannot be used: {fault.strerror}.",
                "Choose another with --data-dir or TRUNKLINE_DATA_DIR.",
            ) from None
        return self
