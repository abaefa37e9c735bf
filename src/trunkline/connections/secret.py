"""What people paste as a credential, checked before it is stored."""

import re
from collections.abc import Mapping
from typing import Final

from trunkline.contract import AuthKind, AuthScheme, InvalidArguments, Service

MAX_SECRET_CHARACTERS: Final = 8192
_PRINTABLE = re.compile(r"[\x20-\x7e]+")
_PRINTABLE_UNICODE = re.compile(r"[^\x00-\x1f\x7f-\x9f]*")
_HINT = "Paste the value again, exactly as the service shows it."


def scheme_for(service: Service, values: Mapping[str, str]) -> AuthScheme:
    """The first auth scheme of `service` whose fields are exactly those of `values`. Raises InvalidArguments."""
    for scheme in service.auth:
        if set(scheme.fields) == set(values):
            return scheme
    if not service.auth:
        raise InvalidArguments(f"{service.title} needs no connection", "Call its tools as they are.")
    ways = "; or ".join(", ".join(scheme.fields) for scheme in service.auth)
    raise InvalidArguments(f"{service.title} cannot be connected with {_names(values)}", f"It needs: {ways}.")


def checked_secrets(scheme: AuthScheme, values: Mapping[str, str]) -> dict[str, str]:
    """The values without the blanks that pasting adds. Raises InvalidArguments, never showing a value."""
    return {field: _checked(scheme, field, values[field].strip()) for field in scheme.fields}


def checked_variables(service: Service, scheme: AuthScheme, given: Mapping[str, str]) -> dict[str, str]:
    """Every tenant variable that `scheme` needs or that is given, defaults filled in.

    Raises InvalidArguments naming what is wrong.
    """
    unknown = given.keys() - service.variables.keys()
    if unknown:
        raise InvalidArguments(f"{service.title} has no variable {_names(unknown)}", "")
    filled: dict[str, str] = {}
    needed = service.needs(scheme)
    for name, variable in service.variables.items():
        if name not in needed and not given.get(name):
            continue
        value = given.get(name, variable.default)
        if (value not in variable.enum) if variable.enum else not re.fullmatch(variable.pattern, value):
            accepted = f"one of {', '.join(variable.enum)}" if variable.enum else f"text like {variable.pattern}"
            raise InvalidArguments(f"{service.title}: the variable {name} must be {accepted}", variable.description)
        filled[name] = value
    return filled


def _checked(scheme: AuthScheme, field: str, value: str) -> str:
    if len(value) > MAX_SECRET_CHARACTERS:
        raise InvalidArguments(f"{field} is longer than {MAX_SECRET_CHARACTERS} characters", _HINT)
    if scheme.kind is AuthKind.BASIC:  # sent as base64: any text, and a password may be empty (Stripe)
        if not _PRINTABLE_UNICODE.fullmatch(value) or (field == "username" and (not value or ":" in value)):
            raise InvalidArguments(f"{field} holds characters that cannot be sent", _HINT)
    elif not _PRINTABLE.fullmatch(value):
        raise InvalidArguments(f"{field} is empty or holds characters that cannot be sent", _HINT)
    return value


def _names(names: Mapping[str, object] | set[str]) -> str:
    return ", ".join(sorted(names)) or "nothing"
