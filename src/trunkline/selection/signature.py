"""A tool in one line: `github_create_issue(owner, repo, title, body?: str, +3 optional) - Create an issue`.

It holds what a model needs to make a plain call: every required argument, the optional ones that are most likely of
use, and the use. A required string is the bare name. The full schema is a describe_tools away.
"""

import re
from collections.abc import Mapping, Sequence
from typing import cast

Schema = Mapping[str, object]

_OPTIONAL_SHOWN = 4
_REQUIRED_SHOWN = 12
_ENUM_SHOWN = 4
_ENUM_LENGTH = 32
_USE_LENGTH = 80
_TYPES = {"string": "str", "integer": "int", "number": "num", "boolean": "bool", "object": "obj", "array": "arr"}
# Arguments that steer the answer's form, not the job: shown only when nothing better is left.
_FORM = """
page per_page perpage page_size pagesize limit offset cursor after before page_token pagetoken starting_after
ending_before fields expand include format pretty prettyprint sort order direction callback alt key quotauser
opt_fields opt_pretty oauth_token access_token uploadtype upload_protocol x_forwarded_for accept user_agent api_version
"""
# Words of names that carry the job: the subject, the text, the receiver, the moment.
_JOB = """
q query search text body content message title name subject description summary labels tags state status to from
channel email amount currency date start end due assignee assignees url file user priority type value data parent desc
html blocks attachments members project cc bcc topic
"""
# ... and those that do so as a part of a name too (start_time, HtmlBody).
_JOB_PARTS = """
query text body content message title name subject description labels tags state status channel email amount currency
date start end due assignee priority
"""
_FORM_NAMES = frozenset(_FORM.split())
_JOB_WORDS = frozenset(_JOB.split())
_JOB_WORD_PARTS = frozenset(_JOB_PARTS.split())
_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_SENTENCE_END = re.compile(r"(?<=[.!?])\s|\n")
_MARKUP = re.compile(r"<[^>]{1,200}>|[`*]|\[([^\]]*)\]\([^)]*\)")
_SPACE = re.compile(r"\s+")


def render(name: str, schema: Schema, description: str) -> str:
    """The signature of a tool, one line.

    `schema` is the tool's input schema (JSON Schema object); `description` may be long: its first sentence is the use.
    """
    arguments = _arguments(schema)
    use = first_sentence(description, _USE_LENGTH)
    return f"{name}({', '.join(arguments)})" + (f" - {use}" if use else "")


def without_use(signature: str) -> str:
    """The call alone, of what `render` made."""
    return signature.partition(") - ")[0].removesuffix(")") + ")"


def first_sentence(text: str, length: int) -> str:
    """The first sentence of `text` without markup, cut at a word to at most `length` characters, no full stop."""
    plain = _SPACE.sub(" ", _MARKUP.sub(r"\1", text)).strip()
    sentence = _SENTENCE_END.split(plain, maxsplit=1)[0].rstrip(" .")
    if len(sentence) <= length:
        return sentence
    return sentence[: length - 1].rsplit(" ", 1)[0].rstrip(" ,;:-") + "…"


def _arguments(schema: Schema) -> list[str]:
    properties = _mapping(schema.get("properties"))
    listed = schema.get("required")
    wanted = [str(name) for name in cast("Sequence[object]", listed)] if isinstance(listed, list) else []
    required = [name for name in wanted if name in properties]
    optional = sorted((name for name in properties if name not in set(required)), key=_usefulness)
    shown = [_argument(name, _mapping(properties[name]), required=True) for name in required[:_REQUIRED_SHOWN]]
    room = max(0, min(_OPTIONAL_SHOWN, 8 - len(shown)))
    shown += [_argument(name, _mapping(properties[name]), required=False) for name in optional[:room]]
    if len(required) > _REQUIRED_SHOWN:
        shown.append(f"+{len(required) - _REQUIRED_SHOWN} required")
    if len(optional) > room:
        shown.append(f"+{len(optional) - room} optional")
    return shown


def _usefulness(name: str) -> int:
    """0 for an argument that carries the job, 3 for one that steers the form of the answer (sorting is stable)."""
    plain = name.lower().replace("-", "_").strip("$_")
    if plain in _FORM_NAMES or plain.replace("_", "") in _FORM_NAMES:
        return 3
    if plain in _JOB_WORDS:
        return 0
    words = [word.lower() for word in _WORDS.findall(name)]
    return 1 if words and not _JOB_WORD_PARTS.isdisjoint((words[0], words[-1])) else 2


def _argument(name: str, schema: Schema, *, required: bool) -> str:
    kind = kind_of(schema)
    if required:
        return name if kind == "str" else f"{name}: {kind}"
    return f"{name}?: {kind}"


def kind_of(schema: Schema, depth: int = 0) -> str:
    """A short type: `str`, `int`, `num`, `bool`, `obj`, `any`, `open|closed`; `str[]` is a list of `str`."""
    choices = schema.get("enum")
    if isinstance(choices, list) and choices:
        return _enum(cast("Sequence[object]", choices))
    kind = schema.get("type")
    if isinstance(kind, list):
        kind = next((item for item in cast("Sequence[object]", kind) if item != "null"), "")
    if kind == "array":
        return f"{kind_of(_mapping(schema.get('items')), depth + 1)}[]" if depth < 2 else "arr"
    if isinstance(kind, str) and kind:
        return _TYPES.get(kind, kind)
    return _composed(schema, depth)


def _composed(schema: Schema, depth: int) -> str:
    """The type of a schema that names none: its first branch that does, else `obj` with properties, else `any`."""
    for word in ("oneOf", "anyOf", "allOf"):
        branches = schema.get(word)
        if isinstance(branches, list) and depth < 4:
            kinds = [kind_of(_mapping(branch), depth + 1) for branch in cast("Sequence[object]", branches)]
            named = [kind for kind in dict.fromkeys(kinds) if kind not in ("any", "null")]
            return "|".join(named[:2]) if word != "allOf" else (named or ["obj"])[0]
    return "obj" if "properties" in schema else "any"


def _enum(choices: Sequence[object]) -> str:
    texts = [str(choice) for choice in choices if choice is not None]
    shown: list[str] = []
    for text in texts[:_ENUM_SHOWN]:
        if len("|".join([*shown, text])) > _ENUM_LENGTH:
            break
        shown.append(text)
    if not shown:
        return "str"
    return "|".join(shown) + ("|…" if len(shown) < len(texts) else "")


def _mapping(value: object) -> Schema:
    return cast("Schema", value) if isinstance(value, dict) else {}
