"""What holds a secret does not show it: not in a trace, not in a log line, not in a failed assertion."""

import importlib
import pkgutil
import re
from collections.abc import Iterator

import msgspec
import pytest

ROOMS = ("admin", "connections", "contract", "infra", "programs")
SECRET = re.compile(r"(.*_)?(secret|secrets|values|password|token|tokens|api_key|data_key|master|verifier)")


def structs() -> Iterator[type[msgspec.Struct]]:
    """Every struct of the rooms that come near a secret."""
    for room in ROOMS:
        package = importlib.import_module(f"trunkline.{room}")
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if ".migrations" in found.name:
                continue
            for thing in vars(importlib.import_module(found.name)).values():
                if isinstance(thing, type) and issubclass(thing, msgspec.Struct) and thing.__module__ == found.name:
                    yield thing


def secret_fields(kind: type[msgspec.Struct]) -> list[str]:
    """The fields that by their name hold a secret."""
    texts = [each.name for each in msgspec.structs.fields(kind) if re.search(r"str|bytes", repr(each.type))]
    return [name for name in texts if SECRET.fullmatch(name)]


HARMLESS = {"trunkline.connections.provider.Provider"}  # its `token` is the address of an endpoint
SECRETIVE = [kind for kind in structs() if secret_fields(kind) and f"{kind.__module__}.{kind.__name__}" not in HARMLESS]


def test_secrets_are_found_by_their_names() -> None:
    assert {"Credential", "Access", "TicketKey"} <= {kind.__name__ for kind in SECRETIVE}


@pytest.mark.parametrize("kind", SECRETIVE, ids=lambda kind: kind.__qualname__)
def test_a_struct_with_a_secret_has_a_repr_that_hides_it(kind: type[msgspec.Struct]) -> None:
    assert "__repr__" in vars(kind), f"{kind.__module__}: {secret_fields(kind)} would show"
