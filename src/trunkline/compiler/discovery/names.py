"""Names and effects of Google's methods: `calendar.events.insert` -> create_event, a write.

A method's name begins with its verb; the resources around it are the nouns. The innermost is enough, unless several
methods of the API would then share a name.
"""

from collections.abc import Sequence

from trunkline.compiler.discovery.methods import Method
from trunkline.compiler.effects import effect_of
from trunkline.compiler.node import strings
from trunkline.compiler.words import LINK_WORDS, VERBS, is_plural, plural, singular, split
from trunkline.contract import Effect

_VERBS = {"insert": "create", "patch": "update"}
_MODIFIERS = frozenset(("batch", "bulk", "quick", "async", "stream", "streaming", "force"))
_MANY = frozenset(("list", "search"))
# Where a resource lives, which every method of a cloud service begins with.
_PLACES = frozenset(("projects", "locations", "organizations", "folders"))
_SECONDARY = frozenset(("organizations", "folders", "billingAccounts"))
_REMOVING = frozenset(("destroy", "wipe", "clear", "truncate", "expunge", "obliterate"))
# A POST with one of these only asks, if a scope that permits nothing else is enough for it.
_ASKING = frozenset(("query", "wait", "resolve", "check", "count", "inspect", "explain", "run"))
_KINDS = {"upload": "with_content", "download": "content"}


def names(method: Method, *, has_patch: bool, kind: str = "") -> list[str]:
    """verb_noun names, the shortest first, then with ever more of the resources around."""
    chain = [split(resource) for resource in method.chain]
    first = max(len(chain) - 1, 0)
    starts = [first, *(start for start in range(first - 1, -1, -1) if method.chain[start] != "locations"), 0]
    pairs = [[chain[start], chain[first]] for start in range(first - 1)]  # for names of which the middle would be cut
    found = [_name(method, nouns, has_patch) for nouns in [*(chain[start:] for start in starts), *pairs]]
    wide = found[-1] if not kind else ""
    named = [_of_kind(name, kind) for name in dict.fromkeys(found)]
    return named + ([f"{wide}_{method.http.lower()}"] if wide else [])


def rank(method: Method) -> tuple[bool, int]:
    """Of methods that would share a name, which is meant by it: that of a project before that of an organization."""
    return method.chain[:1] != () and method.chain[0] in _SECONDARY, len(method.chain)


def effect(method: Method, name: str) -> Effect:
    """Google's GET never changes anything; of its POST some only ask."""
    if method.http == "GET":
        return Effect.READ
    words = name.split("_")
    verb = words[1] if words[0] in _MODIFIERS and len(words) > 1 else words[0]
    if verb in _REMOVING:
        return Effect.DELETE
    if method.http == "POST" and _only_asks(method, verb, words):
        return Effect.READ
    return effect_of(method.http, name)


def _only_asks(method: Method, verb: str, words: Sequence[str]) -> bool:
    if words[0] == "test" and words[-1] == "permissions":
        return True
    readable = any("readonly" in scope or "read-only" in scope for scope in strings(method.node, "scopes"))
    return readable and verb in _ASKING and (verb != "run" or words[-1] in ("report", "reports"))


def _of_kind(name: str, kind: str) -> str:
    """`create_file_with_content`, `download_file`."""
    if kind == "download":
        verb, _, noun = name.partition("_")
        return f"download_{noun}" if verb == "get" and noun else f"{name}_content"
    return f"{name}_{_KINDS[kind]}" if kind else name


def _name(method: Method, nouns: list[list[str]], has_patch: bool) -> str:
    words = [word for part in method.name.replace("-", "_").split("_") for word in split(part)] or ["call"]
    verb, rest = _verb(words, method.http)
    if words == ["update"] and has_patch:
        verb = ["replace"]
    whole = _is_of_all(method)
    many = bool(_MANY & {verb[0], verb[-1]}) or (whole and verb[0] in ("batch", "bulk"))
    return "_".join([*verb, *_nouns(nouns, rest, many, as_is=whole and verb == ["get"])])


def _verb(words: list[str], http: str) -> tuple[list[str], list[str]]:
    """(verb, rest): `batchUpdate` is a verb of two words; `aggregatedList` has it at the end, `instances` none."""
    if words[0] in _MODIFIERS and len(words) > 1:
        return [words[0], _VERBS.get(words[1], words[1])], words[2:]
    if words[0] not in VERBS and words[-1] in ("list", "get"):
        return [words[-1], *words[:-1]], []
    if words[0] not in VERBS and http == "GET":
        return ["list" if is_plural(words[-1]) else "get"], words
    return [_VERBS.get(words[0], words[0])], words[1:]


def _is_of_all(method: Method) -> bool:
    """Whether a method is about a resource as a whole: its path does not end in the name of one item."""
    return not str(method.node["path"]).rstrip("/").partition(":")[0].endswith("}")


def _nouns(chain: list[list[str]], rest: list[str], many: bool, *, as_is: bool) -> list[str]:
    """`as_is`: the last resource is called what it is published as (`colors.get` gets all colors)."""
    mentioned = {singular(word) for word in rest}
    owners = _owners(chain)
    if rest and rest[0] not in LINK_WORDS:
        return [*(word for word in map(singular, owners) if word not in mentioned), *rest]
    if not owners:
        return rest
    last = plural(owners[-1]) if many else owners[-1] if as_is else singular(owners[-1])
    return [*map(singular, owners[:-1]), last, *rest]


def _owners(chain: list[list[str]]) -> list[str]:
    """The words of the resources; one that the next begins with says nothing more (`cryptoKeys.cryptoKeyVersions`)."""
    out: list[str] = []
    for number, words in enumerate(chain):
        after = chain[number + 1] if number + 1 < len(chain) else []
        if list(map(singular, words)) != after[: len(words)]:
            out += words
    return out
