"""Does a credential work, and as whom: what a service's own verify call says.

A manifest names one cheap read (`verify`) that succeeds exactly if the credential is good. Its answer usually tells
whose it is, under one of a few names.
"""

from typing import Final

import msgspec

from trunkline.connections.provider import at

_NAMES: Final = (
    "login",
    "username",
    "email",
    "mail",
    "userPrincipalName",
    "display_name",
    "displayName",
    "name",
    "title",
)
_INSIDE: Final = ("", "/user", "/data", "/viewer", "/me", "/account", "/bot/owner/user", "/0", "/data/0", "/results/0")
_LONGEST: Final = 200


class Verdict(msgspec.Struct, frozen=True):
    """`account` is empty where the answer does not say; `reason` where all is well."""

    service: str
    good: bool
    account: str = ""
    reason: str = ""


def whose(answer: str) -> str:
    """Who an answer (JSON) is about, as one short line; empty where it does not say."""
    try:
        found = msgspec.json.decode(answer)
    except (msgspec.DecodeError, RecursionError):
        return ""
    for place in _INSIDE:
        for name in _NAMES:
            value = at(found, f"{place}/{name}")
            if isinstance(value, str) and value:
                return "".join(each for each in value if each.isprintable())[:_LONGEST]
    return ""
