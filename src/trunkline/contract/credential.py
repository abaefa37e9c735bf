"""The secret that serves one call, in memory only."""

import msgspec

from trunkline.contract.service import AuthScheme


class Credential(msgspec.Struct, frozen=True):
    """Values for `scheme.fields`. Its `repr` never shows a value."""

    scheme: AuthScheme
    values: dict[str, str]

    def __repr__(self) -> str:
        return f"Credential({self.scheme.kind}, fields={sorted(self.values)})"

    __str__ = __repr__
