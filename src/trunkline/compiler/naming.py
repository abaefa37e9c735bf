"""Wire names: `service_verb_noun` from an operationId or, where that says nothing, from method and path."""

import re
from collections.abc import Container, Sequence

from trunkline.compiler.words import (
    AMBIGUOUS,
    LINK_WORDS,
    SMALL_WORDS,
    VERBS,
    is_plural,
    is_version,
    plural,
    singular,
    split,
)

MAX_NAME = 64
_GROUPS = re.compile(r"[/._\s]+")
_PATH_ID = re.compile(r"(?i:get|post|put|patch|delete)[-_ ]?/")
_SUFFIX = re.compile(r"\.(?:json|xml)$")
_HOLE = re.compile(r"\{[^{}]*\}")
_REPEATING = frozenset(("get", "post", "put", "patch", "delete", "head", "options", "list", "add", "update", "create"))
_CLEAR = (frozenset(VERBS) - AMBIGUOUS) | {"list", "update"}
_CONTAINERS = (["crm"], ["objects"], ["resources"])
_JOINTS = frozenset(("id", "by", "for"))
_ASKING = frozenset(
    ("search", "query", "find", "lookup", "count", "export", "download", "preview", "validate", "check")
)
_TURNING = frozenset(VERBS) - AMBIGUOUS - {"show", "get", "open", "read"}
# Groups of operations that name an area, not a thing.
_AREAS = frozenset(("activity", "actions", "meta", "default", "api", "misc", "general"))
_ON_ONE = {"GET": "get", "PUT": "update", "PATCH": "update", "POST": "update", "DELETE": "delete"}
_ON_MANY = {"GET": "list", "PUT": "replace", "PATCH": "update", "POST": "create", "DELETE": "delete"}


def base_name(operation_id: str, method: str, path: str) -> str:
    """`verb_noun` of one operation, not yet unique; `method` in upper case."""
    words = (_from_id(operation_id, method, path) if operation_id else None) or from_path(method, path)
    if words[0] == "get" and is_plural(words[-1]) and method == "GET" and not path.endswith("}"):
        words = ["list", *words[1:]]
    if words[0] == "list" and not LINK_WORDS & set(words):
        words = [*words[:-1], plural(words[-1])] if len(words) > 1 else words
    return "_".join(word for word in words if word not in SMALL_WORDS)


def wire_name(service: str, base: str, taken: frozenset[str] | set[str] = frozenset()) -> str:
    """The name with its service, at most 64 characters, not in `taken`."""
    name = _fit(service, base.split("_"), MAX_NAME)
    number = 2
    while name in taken:
        suffix = f"_{number}"
        name = _fit(service, base.split("_"), MAX_NAME - len(suffix)) + suffix
        number += 1
    return name


def _fit(service: str, words: Sequence[str], room: int) -> str:
    """Shortens by link words, then by words after the verb; the last words say the most."""
    kept = list(words)
    while len(service) + 1 + len("_".join(kept)) > room and len(kept) > 2:
        link = next((number for number, word in enumerate(kept) if number and word in LINK_WORDS), None)
        kept.pop(1 if link is None else link)
    return f"{service}_{'_'.join(kept)}"[:room].rstrip("_")


def _from_id(operation_id: str, method: str, path: str) -> list[str] | None:
    """None if the operationId only repeats method and path, or has no verb."""
    operation_id = _without_path(operation_id, method, path)
    if _PATH_ID.match(operation_id):
        return None
    groups = [[word for word in split(group) if not is_version(word)] for group in _GROUPS.split(operation_id)]
    groups = [group for group in groups if group]
    words = [word for group in groups for word in group]
    if not words or (words[0] in AMBIGUOUS and len(words) == 1 and method == "GET" and words[0] not in _ASKING):
        return None
    if _repeats_path(words, path):
        return _as_path(words, method, path)
    if words[0] in ("post", "put", "patch") and words[0].upper() == method:
        return _without_method(words[1:], method, path)
    if words[0] in VERBS and not _is_context(groups):
        return [VERBS[words[0]], *words[1:]]
    return _verb_later(groups, words, method)


def _without_path(operation_id: str, method: str, path: str) -> str:
    """FastAPI's `get_voices_v1_voices_get` as `get_voices`."""
    suffix = f"{re.sub(r'[^0-9A-Za-z]', '_', path)}_{method.lower()}"
    return operation_id.removesuffix(suffix) or operation_id


def _as_path(words: list[str], method: str, path: str) -> list[str] | None:
    """The path's name, but what the operationId knows better: its verb, and that several are meant."""
    if words[0] == "get" and is_plural(words[-1]) and not is_plural((split(_HOLE.sub(" ", path)) or [""])[-1]):
        return words
    derived = from_path(method, path)
    return [words[0], *derived[1:]] if words[0] in ("update", "create") else None


def _is_context(groups: list[list[str]]) -> bool:
    """Whether a name begins with a thing although its first word could be a verb (`groupCreate`, `search/code` not)."""
    first, last = groups[0][0], groups[-1]
    if first not in AMBIGUOUS or first in _CLEAR:
        return False
    return (len(groups) > 1 and last[0] in _CLEAR) or (len(last) > 1 and _ends_in(last, _CLEAR))


def _ends_in(words: list[str], verbs: Container[str]) -> bool:
    """Whether the last word is one of the verbs: `users list`, but not `mark as read`, `add to list`."""
    return words[-1] in verbs and (len(words) == 1 or words[-2] not in LINK_WORDS - {"or"})


def _verb_later(groups: list[list[str]], words: list[str], method: str) -> list[str] | None:
    for number, group in reversed(list(enumerate(groups))[1:]):
        if group[0] in _CLEAR or (group[0] in VERBS and number == len(groups) - 1):
            rest = [word for later in groups[number + 1 :] for word in later]
            return _verb_noun(group[0], groups[:number], group[1:] + rest)
    if _ends_in(words, _CLEAR) or (_ends_in(words, VERBS) and len(groups) == 1 and method != "GET"):
        return _verb_noun(words[-1], [words[:-1]], [])
    if len(groups) > 1 and groups[-1] == ["info"]:
        return ["get", *(singular(word) for word in words[:-1]), "info"]
    return None


def _verb_noun(verb: str, context: list[list[str]], rest: list[str]) -> list[str]:
    """`issues` + `create` -> create_issue; `issues` + `list-for-repo` -> list_issues_for_repo."""
    verb = VERBS[verb]
    owners = [word for group in context for word in group if not (len(context) == 1 and word in _AREAS and rest)]
    mentioned = {singular(word) for word in rest}
    owners = [word for word in owners if singular(word) not in mentioned]
    if rest and rest[0] not in LINK_WORDS:
        return [verb, *(singular(word) for word in owners), *rest]
    many = verb in ("list", "search")
    head = [singular(word) for word in owners[:-1]]
    tail = [plural(owners[-1]) if many else singular(owners[-1])] if owners else []
    return [verb, *head, *tail, *rest]


def _without_method(words: list[str], method: str, path: str) -> list[str] | None:
    if not words:
        return None
    if words[0] in VERBS and words[0] not in AMBIGUOUS | {"search", "query"}:
        return [VERBS[words[0]], *words[1:]]
    if words == ["search"] or words == ["query"]:
        return words
    verbs = _ON_ONE if path.endswith("}") else _ON_MANY
    return [verbs[method], *words]


def _repeats_path(words: Sequence[str], path: str) -> bool:
    """Whether an operationId is its method and path run together (`PostChargesChargeCapture`, `get_files_id`)."""
    if words[0] not in _REPEATING or len(words) == 1:
        return False
    static, holes = _path_words(path)
    said = [singular(word) for word in words[1:]]
    if "".join(word for word in said if word not in _JOINTS) == "".join(static):
        return True
    return set(static) <= set(said) and set(said) <= set(static) | holes | _JOINTS and _in_order(said, static)


def _in_order(said: Sequence[str], static: Sequence[str]) -> bool:
    rest = iter(said)
    return all(word in rest for word in static)


def _path_words(path: str) -> tuple[list[str], set[str]]:
    """Singulars of the words that stand in the path, in order, and of its holes."""
    segments = _segments(path)
    static = [singular(word) for segment in segments for word in split(_HOLE.sub(" ", segment))]
    holes = {singular(word) for segment in segments for hole in _HOLE.findall(segment) for word in split(hole)}
    return static, holes


def _segments(path: str) -> list[str]:
    found = [segment for segment in re.split(r"[/#]", _SUFFIX.sub("", path.split("?")[0])) if segment]
    return [
        segment for segment in found if segment.startswith("{") or not (is_version(segment) or segment[0].isdigit())
    ]


def from_path(method: str, path: str) -> list[str]:
    """`POST /charges/{charge}/capture` -> capture_charge; `GET /customers` -> list_customers."""
    segments = _segments(path) or ["root"]
    found = [words for segment in segments if (words := split(_HOLE.sub(" ", segment)))] or [["item"]]
    nouns = [words for words in found[:-1] if words not in _CONTAINERS] + found[-1:]
    last = nouns[-1]
    if segments[-1].startswith("{"):
        return [_ON_ONE.get(method, "get"), *_parents(nouns), *_second_hole(segments)]
    if _is_action(method, last, len(nouns)):
        return _action(last, nouns[:-1])
    if len(nouns) == 1 and _is_call(method, segments[-1], last):
        return last
    many = is_plural(last[-1])
    verb = (_ON_MANY if many else _ON_ONE | {"POST": "create"}).get(method, "get")
    return [verb, *_parents(nouns[:-1]), *last[:-1], singular(last[-1]) if verb == "create" else last[-1]]


def _is_action(method: str, words: Sequence[str], depth: int) -> bool:
    """Whether the last part of a path is what is done to the part before it."""
    if words[0] not in VERBS or (is_plural(words[-1]) and words[0] in AMBIGUOUS):
        return False
    if method == "POST":
        return depth > 1 or words[0] in ("search", "query")
    return words[0] in (_ASKING if method == "GET" else _TURNING if method in ("PUT", "PATCH") else ())


def _action(last: list[str], nouns: list[list[str]]) -> list[str]:
    """`/contacts/batch/read` is batch_read_contact, `/contacts/search` is search_contacts."""
    if not nouns:
        return last
    batch = ["batch"] if nouns[-1] == ["batch"] else []
    things = _parents([noun for noun in nouns if noun not in (["actions"], ["batch"])] or nouns)
    if last[0] in ("search", "find", "count", "query") and len(last) == 1:
        things = [*things[:-1], plural(things[-1])]
    return [*batch, last[0], *things, *last[1:]]


def _is_call(method: str, segment: str, words: Sequence[str]) -> bool:
    """Whether a path is the name of a procedure: `/sendMessage`."""
    if words[0] not in VERBS:
        return False
    if method == "GET" and is_plural(words[-1]):
        return False
    return words[0] not in AMBIGUOUS or segment != segment.lower()


def _second_hole(segments: Sequence[str]) -> list[str]:
    """`/cards/{id}/{field}` is about the field."""
    if len(segments) < 2 or not segments[-2].startswith("{"):
        return []
    words = [word for word in split(segments[-1]) if word != "id"]
    static = {singular(word) for segment in segments if not segment.startswith("{") for word in split(segment)}
    return [] if static & set(words) else words


def _parents(nouns: Sequence[Sequence[str]]) -> list[str]:
    """Singulars of the chain, each word once."""
    words = [word for noun in nouns for word in (*noun[:-1], singular(noun[-1]))]
    return list(dict.fromkeys(words))


def alternatives(base: str, method: str, path: str) -> list[str]:
    """Other names for an operation whose first name is taken, best first."""
    derived = "_".join(from_path(method, path))
    holes = [split(hole) for hole in _HOLE.findall(path)]
    by = f"_by_{'_'.join(holes[-1])}" if holes else ""
    version = next((segment for segment in path.split("/") if re.fullmatch(r"v\d+\w*", segment)), "")
    suffixed = [f"{name}{by}" for name in (base, derived) if by]
    return [derived, *suffixed, *([f"{base}_{version.lower()}"] if version else []), f"{base}_{method.lower()}"]
