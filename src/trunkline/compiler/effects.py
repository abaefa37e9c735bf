"""What an operation does to the world, from its method and the verb of its name."""

from trunkline.compiler.words import VERBS, split
from trunkline.contract import Effect

_READING_METHODS = frozenset(("GET", "HEAD", "OPTIONS"))
# A POST with one of these only asks; doubtful verbs (query, check, preview, run) are left out on purpose.
_READING_VERBS = "get list retrieve fetch search find lookup count describe autocomplete peek"
_READING = frozenset(_READING_VERBS.split())
_REMOVING_VERBS = "delete remove purge erase revoke drop kick ban terminate uninstall deactivate void"
_REMOVING = frozenset(_REMOVING_VERBS.split())
_REMOVING_END = frozenset(("delete", "remove", "purge", "destroy"))
# Some services change things by GET (`GET /auth.revoke`).
_CHANGING_VERBS = """
send create update set add post upload disconnect logout reset open push publish request share exchange connect invite
register restrict start stop enable disable cancel approve deny execute run
"""
_CHANGING = frozenset(_CHANGING_VERBS.split())
_SETTING = frozenset(("set", "update", "create", "add", "delete", "deletes", "remove", "mark", "import"))
# What a summary may begin with where a POST only asks; any other verb there says that it does something.
_ASKING_VERBS = """
return query filter check preview show view display read see validate calculate compute estimate compare detect explain
evaluate resolve batch bulk test identify match suggest inspect load report run execute invoke translate download export
"""
_ASKING = _READING | frozenset(_ASKING_VERBS.split())
_IDEMPOTENT_METHODS = frozenset(("GET", "HEAD", "OPTIONS", "PUT", "DELETE"))


def effect_of(method: str, base_name: str, summary: object = "") -> Effect:
    """`method` in upper case; `base_name` is `verb_noun`; `summary` is what the description says of the operation.

    "Pin a List", posted, is no `list` whatever its id makes of it.
    """
    single = base_name.removeprefix("batch_").removeprefix("bulk_")
    verb, _, noun = single.partition("_")
    if method == "DELETE" or verb in _REMOVING or (method == "POST" and noun.rpartition("_")[2] in _REMOVING_END):
        return Effect.DELETE
    if method in _READING_METHODS:
        return Effect.WRITE if verb in _CHANGING else Effect.READ
    asks = verb in _READING or (verb == "read" and single != base_name)  # alone, "read" may mean: mark as read
    asks = asks and _SETTING.isdisjoint(noun.split("_"))  # `list_bulk_set_properties` is no list
    asks = asks and not _says_it_does(summary)
    return Effect.READ if method == "POST" and asks else Effect.WRITE


def _says_it_does(summary: object) -> bool:
    words = split(summary) if isinstance(summary, str) else []
    verb = next((form for form in (words[0], words[0].removesuffix("s")) if form in VERBS), "") if words else ""
    return bool(verb) and verb not in _ASKING


def is_idempotent(method: str) -> bool:
    """Whether doing it twice is doing it once (RFC 9110, section 9.2.2)."""
    return method in _IDEMPOTENT_METHODS
