"""Descriptions as a model should read them: plain, short, without anything that hides."""

import html
import re
from functools import lru_cache

_TAG = re.compile(r"</?[a-zA-Z][^<>]{0,500}>|<!--.*?-->", re.DOTALL)
_INLINE = re.compile(r"</?(?:a|b|i|u|em|strong|code|span|tt|kbd|sup|sub|small)(?:\s[^<>]{0,500})?>", re.IGNORECASE)
_LINK = re.compile(r"!?\[([^\[\]]*)\]\([^()]*\)")
_MARK = re.compile(r"\*{2,}|`+|^\s{0,3}#{1,6}\s+|^\s*[-=]{3,}\s*$", re.MULTILINE)
_ITALIC = re.compile(r"(?<!\w)_([^_]{1,300})_(?!\w)")
_SPACE = re.compile(r"\s+")
_EMPTY = re.compile(r"\s*\(\s*(?:see|[Ss]ee also)?\s*\)")
# Control, format (zero width, bidirectional, tag) and private characters never reach a model.
_HIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ue000-\uf8ff\U000e0000-\U000e0fff]"
)
# Whatever the expressions above could change, or nearly so: most texts have none of it.
_ODD = re.compile(r"[^ -~]|[<&*`_\[#=]|---|  |\( *(?:\)|[Ss]ee)")
_MARKUP = 20  # characters of a text with its markup that are looked at for each one that is wanted
_SENTENCE = re.compile(r"(?<=[.!?:])\s")


def plain(text: object, limit: int) -> str:
    """`text` without markup, on one line, at most `limit` characters, cut after a sentence or else at a word."""
    return _plain(text[: limit * _MARKUP], limit) if isinstance(text, str) and limit > 0 else ""


@lru_cache(maxsize=8_192)
def _plain(text: str, limit: int) -> str:
    """Remembered: what all lists of a service have in common is said of each."""
    clean = (_cleaned(text) if _ODD.search(text) else text).strip()
    return clean if len(clean) <= limit else _cut(clean, limit)


def _cleaned(text: str) -> str:
    """Each expression costs more than a look for the one character without which it finds nothing."""
    if "<" in text:
        text = _TAG.sub(" ", _INLINE.sub("", text))
    text = _HIDDEN.sub("", html.unescape(text))
    if "[" in text:
        text = _LINK.sub(r"\1", text)
    if "_" in text:
        text = _ITALIC.sub(r"\1", text)
    text = _SPACE.sub(" ", _MARK.sub("", text))
    return _EMPTY.sub("", text) if "(" in text else text


def _cut(text: str, limit: int) -> str:
    kept = ""
    for sentence in _SENTENCE.split(text):
        longer = f"{kept} {sentence}".strip()
        if len(longer) > limit:
            break
        kept = longer
    if len(kept) >= limit // 3:
        return kept.rstrip(":")
    return text[: limit - 1].rsplit(" ", 1)[0].rstrip(" ,;:-(") + "…"
