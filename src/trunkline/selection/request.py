"""An agent's words, read: clauses, terms, verbs, and the services, tools and paths they name."""

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from trunkline.selection import languages
from trunkline.selection.aliases import Alias
from trunkline.selection.lexicon import DAYS, IMPLIED, IMPLIED_BY_CHANNEL, IMPLIED_BY_MAIL, IMPLIED_BY_TEXT
from trunkline.selection.spelling import NAME, PLAIN
from trunkline.selection.texts import Route
from trunkline.selection.verbs import VerbClasses
from trunkline.selection.words import Analyzer

LENGTH_AT_MOST: Final = 4000  # characters of a request that are read
CLAUSES_AT_MOST: Final = 8
_TERMS_OF_CLAUSE: Final = 2
_NAMES_AT_MOST: Final = 4
_RARE: Final = 0.9  # a word that hardly any other service's tools hold is a name in lower case too
_COMMON: Final = 0.3  # share of a mention's strength if the word is likely meant as a word of every day
_CHANCE: Final = 0.005  # a word that hardly any tool of the service's holds names something else
_OWN: Final = 0.5  # a word that mostly this service's tools hold names it, though it is a part of its name only
_BREAK = re.compile(
    r"[.!?;:](?=\s|$)|\n|,\s|\b(?:and|then|also|plus|as well as|finally|afterwards)\b|(?:^|\s)\d+[.)]\s", re.IGNORECASE
)
_NUMBER = re.compile(r"^\s*\d+[.)]\s")
_TOKEN = re.compile(r"[^\W_]+")
_SENTENCE_START = re.compile(r"(?:^|[.!?:\n]\s*|[\"'(\[*-]\s*)$")
# "in linear", "to box": a word of every day is a name where a place is meant and nothing follows.
_PLACE = re.compile(r"\b(?:in|on|via|to|from|into|through|using|with|at|our|my)\s+$", re.IGNORECASE)
# "on Monday" is a day, "in monday" is not.
_PLACE_NOT_DAY = re.compile(r"\b(?:in|into|via|through|using|our|my)\s+$", re.IGNORECASE)
_PLACE_END = re.compile(r"\s*(?:$|[.,;:!?)]|\b(?:and|or|then|with|for|so|but|by|as|when|if)\b)", re.IGNORECASE)
_NUMBERED = re.compile(r"-\d")  # the key of a ticket: OPS-910 is no part of a name
_TOOL_NAME = re.compile(r"\b[A-Za-z0-9-]+_[A-Za-z0-9_-]+")
# How one tells somebody something, the plainest way first, and what that implies.
_TELLS = (
    (
        r"\be?-?mail\s+(?:it|them|him|her|me|us|this|that|these|everyone|everybody|all|each|the|an?|my|our|to)\b"
        r"|\b(?:send|e?-?mail|write|forward)\b[^.;\n]*\S@\w\S*\.\w",
        IMPLIED_BY_MAIL,
    ),
    (r"\b(?:text|sms)\s+(?:it|him|her|them|me|us|each|all|every|everyone|everybody|the|our|my)\b", IMPLIED_BY_TEXT),
    (r"(?:^|\s)#[a-z]", IMPLIED_BY_CHANNEL),
    (
        r"\b(?:notify|inform|ping|dm|announce|(?:tell|ask|alert|remind)\s+(?!me\b|us\b)|let\s+(?:\w+\s+){1,4}know)",
        IMPLIED,
    ),
)
_TELL = tuple((re.compile(pattern, re.IGNORECASE), words) for pattern, words in _TELLS)
_PATH = re.compile(r"(?:\b(GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS)\s+)?(/[\w{}:.\-/]{2,})")


@dataclass(frozen=True, slots=True)
class Clause:
    """One deed asked for: `terms` in order, the bit set `verbs` of its first verb, tool names and paths in it."""

    text: str
    terms: tuple[bytes, ...]
    verbs: int
    implied: tuple[bytes, ...] = ()
    names: tuple[str, ...] = ()
    routes: tuple[Route, ...] = ()


@dataclass(frozen=True, slots=True)
class Mention:
    """A service that clause number `clause` names. `sure`: written as only a name is, so it gets tools of its own.

    One word may name several services (HubSpot's parts); `at` and `end`, where it stands, are the same for these.
    """

    service: int
    strength: float
    sure: bool
    clause: int
    at: int = 0
    end: int = 0


@dataclass(frozen=True, slots=True)
class Request:
    """`terms` are those of the whole `text`; there is at least one clause. `names`: how it calls services, surely."""

    text: str
    terms: tuple[bytes, ...]
    clauses: tuple[Clause, ...]
    mentions: tuple[Mention, ...]
    implied: tuple[bytes, ...] = ()
    names: tuple[str, ...] = ()

    def deed(self, text: str) -> str:
        """`text`, which is this request's or a clause's, without the names of services, if anything else is said."""
        said = text
        for name in self.names:
            said = re.sub(rf"\b{re.escape(name)}\b", " ", said, flags=re.IGNORECASE)
        return said if said.strip() else text


class Reader:
    """Reads requests against one index's aliases."""

    def __init__(
        self,
        analyzer: Analyzer,
        verbs: VerbClasses,
        aliases: Mapping[str, tuple[Alias, ...]],
        corrected: Callable[[str], str] = str,
        *,
        split: bool = True,
    ) -> None:
        self._analyzer = analyzer
        self._verbs = verbs
        self._aliases = aliases
        self._corrected = corrected
        self._split = split
        self._words = _longest_by_first(aliases)

    def read(self, text: str) -> Request:
        """The request in `text`, of which the first LENGTH_AT_MOST characters count."""
        text = languages.spaced(text[:LENGTH_AT_MOST])
        said = languages.english(text)
        if said:
            return self._foreign(text, said)
        text = self._corrected(text)
        spans = self._spans(text) if self._split else [(0, len(text))]
        clauses = tuple(self._clause(text[start:end]) for start, end in spans)
        mentions = self._mentions(text, [start for start, _ in spans])
        return Request(text, self._terms(text), clauses, mentions, names=_names(text, mentions))

    def _foreign(self, text: str, said: str) -> Request:
        """A request in another language: meant is what it says in English, names are those of the text itself."""
        clause = replace(self._clause(text), text=said, terms=self._terms(said), verbs=self._clause(said).verbs)
        return Request(said, self._terms(f"{said} {text}"), (clause,), self._mentions(text, [0]))

    def _terms(self, text: str) -> tuple[bytes, ...]:
        return tuple(dict.fromkeys(self._analyzer.terms(text)))

    def _spans(self, text: str) -> list[tuple[int, int]]:
        """(start, end) of each clause: what stands between breaks; too short a part joins the one before it."""
        spans: list[tuple[int, int]] = []
        start = 0
        for found in (*_BREAK.finditer(text), None):
            end = len(text) if found is None else found.start()
            if spans and (self._short(text[start:end]) or self._short(text[slice(*spans[-1])])):
                spans[-1] = (spans[-1][0], end)
            else:
                spans.append((start, end))
            start = end if found is None else found.end()
        return spans[:CLAUSES_AT_MOST]

    def _short(self, text: str) -> bool:
        return len(self._analyzer.terms(text)) < _TERMS_OF_CLAUSE

    def _clause(self, text: str) -> Clause:
        terms = self._terms(text)
        told = next((words for pattern, words in _TELL if pattern.search(text)), ())
        implied = tuple(self._analyzer.of_words(told))
        names = tuple(_TOOL_NAME.findall(text)[:_NAMES_AT_MOST])
        routes = tuple(Route(method, path) for method, path in _PATH.findall(text)[:_NAMES_AT_MOST])
        return Clause(
            _NUMBER.sub("", text).strip(" ,.;:!?"), terms, self._verbs.of_request(terms), implied, names, routes
        )

    def _mentions(self, text: str, starts: Sequence[int]) -> tuple[Mention, ...]:
        tokens = [token for token in _TOKEN.finditer(text) if not _NUMBERED.match(text, token.end())]
        words = [token.group().lower() for token in tokens]
        found: list[Mention] = []
        position = 0
        while position < len(tokens):
            size = self._longest(words, position)
            if size:
                clause = bisect_right(starts, tokens[position].start()) - 1
                found += self._mentioned(text, tokens[position : position + size], max(clause, 0))
            position += size or 1
        return tuple(found)

    def _is_verb(self, word: str) -> bool:
        return any(self._verbs.is_verb(term) for term in self._analyzer.of_words([word]))

    def _longest(self, words: Sequence[str], position: int) -> int:
        """Number of words of the longest alias that begins at `position`, 0 for none."""
        sizes = range(self._words.get(words[position], 0), 0, -1)
        return next((size for size in sizes if " ".join(words[position : position + size]) in self._aliases), 0)

    def _mentioned(self, text: str, tokens: Sequence[re.Match[str]], clause: int) -> list[Mention]:
        phrase = " ".join(token.group().lower() for token in tokens)
        named = self._named(text, tokens, phrase)
        common = not named and (phrase in DAYS or (len(tokens) == 1 and self._is_verb(phrase)))
        if len(phrase) == 1 and not named:
            return []
        weight = (_COMMON if common else 1.0) * (0.6 + 0.2 * min(len(tokens), 2))
        aliases = self._aliases[phrase]
        some_whole = any(alias.whole for alias in aliases)
        return [
            Mention(
                alias.service,
                weight * alias.specificity**0.5,
                (alias.whole or (not some_whole and alias.specificity > _OWN))
                and not common
                and alias.specificity > _CHANCE
                and (named or len(tokens) > 1 or _is_name(alias)),
                clause,
                tokens[0].start(),
                tokens[-1].end(),
            )
            for alias in aliases
        ]

    def _named(self, text: str, tokens: Sequence[re.Match[str]], phrase: str) -> bool:
        """Whether it is written as a name is: with a capital amid a sentence, or where a place is meant; X: both."""
        before = text[: tokens[0].start()]
        capital = tokens[0].group()[0].isupper() and not _SENTENCE_START.search(before[-8:])
        place = (_PLACE_NOT_DAY if phrase in DAYS else _PLACE).search(before[-12:])
        if place is not None and _PLACE_END.match(text, tokens[-1].end()) is not None:
            return capital or len(phrase) > 1
        return capital and len(phrase) > 1 and phrase not in DAYS


def _longest_by_first(aliases: Iterable[str]) -> dict[str, int]:
    """First word -> how many words the longest alias has that begins with it."""
    longest: dict[str, int] = {}
    for alias in aliases:
        first, *others = alias.split(" ")
        longest[first] = max(longest.get(first, 0), 1 + len(others))
    return longest


def _names(text: str, mentions: Sequence[Mention]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text[mention.at : mention.end] for mention in mentions if mention.sure))


def _is_name(alias: Alias) -> bool:
    """Whether the word is a name in lower case too."""
    return alias.spelt == NAME or (alias.spelt != PLAIN and alias.specificity > _RARE)
