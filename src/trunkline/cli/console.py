"""How commands speak: answers on standard output, everything else on standard error."""

from typing import Any, Final

import msgspec
from rich.console import Console

from trunkline.contract import Fault

out: Final = Console(highlight=False, soft_wrap=True)
err: Final = Console(highlight=False, soft_wrap=True, stderr=True)

# sysexits.h, where a code fits; 1 otherwise.
EXIT_CODES: Final = {
    "invalid_settings": 78,
    "invalid_manifest": 65,
    "invalid_arguments": 64,
    "not_found": 66,
    "unauthenticated": 77,
    "needs_connection": 77,
    "needs_approval": 77,
    "policy_denied": 77,
    "credential_rejected": 77,
    "upstream_unavailable": 75,
    "upstream_timeout": 75,
    "category_unavailable": 75,
    "overloaded": 75,
    "database_unavailable": 75,
    "keys_unavailable": 75,
    "upstream_failed": 69,
    "audit_unavailable": 74,
    "internal": 70,
}


def print_json(value: Any) -> None:
    """`value` as indented JSON on standard output, uncoloured."""
    text = msgspec.json.format(msgspec.json.encode(value, enc_hook=str), indent=2)
    out.print(text.decode(), markup=False)


def print_fault(fault: Fault) -> int:
    """One line what is wrong, one what to do; the exit code."""
    err.print("error: ", style="bold red", end="")
    err.print(fault.message, markup=False)
    if fault.hint:
        err.print(fault.hint, style="dim", markup=False)
    return EXIT_CODES.get(fault.code, 1)
