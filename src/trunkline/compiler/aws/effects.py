"""What an operation of AWS does to the world, from the verb that its name begins with."""

from trunkline.compiler.node import Node
from trunkline.contract import Effect

_READING_VERBS = """
autocomplete calculate check compare contains count decode describe detect discover download estimate filter geocode
get head is list lookup preview query retrieve scan search select suggest validate view
"""
_READING = frozenset(_READING_VERBS.split())
_REMOVING_VERBS = """
delete deprovision deregister destroy discard dispose evict forget purge release remove retire revoke terminate
undeploy unregister
"""
_REMOVING = frozenset(_REMOVING_VERBS.split())
# Words before the verb: BatchGetItem, AdminDeleteUser.
_BEFORE = frozenset(("batch", "bulk", "admin", "transact", "global"))


def effect_of(words: list[str], operation: Node) -> Effect:
    """`words` are those of the operation's name, in lower case."""
    verb = next((word for word in words if word not in _BEFORE), "")
    if verb in _REMOVING:
        return Effect.DELETE
    return Effect.READ if verb in _READING or operation.get("readonly") is True else Effect.WRITE


def is_idempotent(operation: Node) -> bool:
    """Whether the model says that doing it twice is doing it once."""
    return operation.get("idempotent") is True
