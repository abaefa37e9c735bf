"""OpenBao made ready: unsealed, with a transit key and an AppRole that may use it."""

from collections.abc import Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import hvac
from hvac.exceptions import VaultError

from tests.support import servers
from tests.support.wait import until

KEY = "trunkline"
_SECONDS = 20.0
_POLICY = f"""
path "transit/encrypt/{KEY}" {{ capabilities = ["update"] }}
path "transit/decrypt/{KEY}" {{ capabilities = ["update"] }}
path "transit/keys/{KEY}/rotate" {{ capabilities = ["update"] }}
"""


@dataclass(frozen=True)
class Bao:
    """`root` may do everything; who signs in with `role_id` and the secret in the file may use the key."""

    address: str
    root: Any
    unseal_key: str
    role_id: str
    secret_id_file: Path

    def seal(self) -> None:
        self.root.sys.seal()

    def unseal(self) -> None:
        self.root.sys.submit_unseal_key(self.unseal_key)
        until(self._active, _SECONDS, "OpenBao to be active")

    def allow(self, policy: str = _POLICY) -> None:
        """What the role may do."""
        self.root.sys.create_or_update_policy("trunkline", policy)

    def _active(self) -> bool:
        return isinstance(self.root.sys.read_health_status(method="GET"), dict)  # else the refusal as it came


@contextmanager
def bao(folder: Path) -> Generator[Bao]:
    with servers.openbao(folder) as address:
        root: Any = hvac.Client(address, timeout=60)
        made = root.sys.initialize(secret_shares=1, secret_threshold=1)
        root.token = made["root_token"]
        secret = folder / "secret-id"
        found = Bao(address, root, made["keys_base64"][0], _role(root, made["keys_base64"][0], secret), secret)
        yield found


def _role(root: Any, unseal_key: str, secret: Path) -> str:
    """Sets everything up; returns the role's id."""
    root.sys.submit_unseal_key(unseal_key)
    until(lambda: _enabled(root), _SECONDS, "OpenBao to be active")
    root.secrets.transit.create_key(KEY, key_type="aes256-gcm96")
    root.sys.enable_auth_method("approle")
    root.sys.create_or_update_policy("trunkline", _POLICY)
    root.auth.approle.create_or_update_approle("trunkline", token_policies=["trunkline"], token_ttl="10m")
    made = root.auth.approle.generate_secret_id("trunkline")
    secret.write_text(made["data"]["secret_id"], encoding="utf-8")
    return str(root.auth.approle.read_role_id("trunkline")["data"]["role_id"])


def _enabled(root: Any) -> bool:
    """A server that was just unsealed refuses for a moment."""
    with suppress(VaultError):
        root.sys.enable_secrets_engine("transit")
        return True
    return False
