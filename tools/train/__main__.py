"""`python -m tools.train CATALOG`: trains the table of `selection.meaning` from the compiled catalog in CATALOG.

What it learns from: see `tools.train.corpus`; how: see `tools.train.learn`. Same catalog, phrases and packages
(requirements/train.txt) give the same table. About 15 minutes on two cores, most of them the teacher's.
"""

import argparse
import random
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from tools.train import corpus, learn, phrases, pieces, table, wordnet
from tools.train.chatter import CHATTER
from tools.train.corpus import Pair
from tools.train.learn import Floats, Lesson, Pairs, Settings, bags
from tools.train.teacher import Teacher
from trunkline.catalog.catalog import read_head
from trunkline.catalog.usage import Usage
from trunkline.selection.meaning import TABLE
from trunkline.selection.pieces import Pieces

_SEED = 7
_WIDTH = 192
_WORDS = 3_000  # added to the teacher's pieces
_GENERAL = 60_000  # pairs of WordNet: a third of all, or APIs' English is lost
_PHRASES = 3  # times that our own phrases count
_TAUGHT = (26_000, 12_000, 9_000, 9_000)  # texts and names of tools, glosses and words of WordNet, for the teacher
_LENGTH = 400  # characters of a text that are read
_COMMON = 1e-3  # a piece of this share of all pieces counts half (Arora, Liang, Ma 2017)


def main() -> None:
    parser = argparse.ArgumentParser("python -m tools.train", description=__doc__)
    parser.add_argument("catalog", type=Path)
    parser.add_argument("--out", type=Path, default=TABLE)
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    head = read_head(options.catalog)
    assert head is not None, f"no catalog in {options.catalog}"
    tools = corpus.shuffled(corpus.of_tools(corpus.permissive(options.catalog)), _SEED)
    general = corpus.shuffled(corpus.of_meanings(wordnet.meanings()), _SEED)
    said = corpus.shuffled(phrases.of_usage(Usage.load(), head.services), _SEED)
    teacher = Teacher(options.threads)
    known = pieces.vocabulary(teacher.vocabulary, (text for pair in tools for text in (pair.text, pair.asked)), _WORDS)
    lesson = _lesson(teacher, tools, general, known)
    pairs = _pairs([*tools, *general[:_GENERAL], *said * _PHRASES], known)
    start = _start(teacher, known, pairs)
    trained = learn.train(start, pairs, lesson, Settings(seed=_SEED))
    table.write(options.out, known, table.turned(trained, lesson.texts))


def _cut(texts: Sequence[str], known: Sequence[str]) -> learn.Bags:
    cutter = Pieces({piece: number for number, piece in enumerate(known)})
    return bags([cutter.of_text(text[:_LENGTH]) for text in texts], len(known))


def _lesson(teacher: Teacher, tools: Sequence[Pair], general: Sequence[Pair], known: Sequence[str]) -> Lesson:
    sides = [[pair.text for pair in tools], [pair.asked for pair in tools]]
    sides += [[pair.text for pair in general], [pair.asked for pair in general]]
    chance = random.Random(_SEED)
    chosen = [text for side, count in zip(sides, _TAUGHT, strict=True) for text in chance.sample(side, count)]
    texts = list(dict.fromkeys(chosen))
    cut = _cut(texts, known)
    filled = np.flatnonzero(np.diff(cut.indptr))
    return Lesson(cut[filled], teacher.embed([texts[number] for number in filled]))


def _pairs(pairs: Sequence[Pair], known: Sequence[str]) -> Pairs:
    asked, texts = _cut([pair.asked for pair in pairs], known), _cut([pair.text for pair in pairs], known)
    filled = np.flatnonzero((np.diff(asked.indptr) > 0) & (np.diff(texts.indptr) > 0))
    numbers = {group: number for number, group in enumerate(dict.fromkeys(pair.group for pair in pairs))}
    groups = np.array([numbers[pair.group] for pair in pairs], np.int64)
    return Pairs(asked[filled], texts[filled], groups[filled], _cut(CHATTER, known))


def _start(teacher: Teacher, known: Sequence[str], pairs: Pairs) -> Floats:
    """What the teacher makes of each piece alone, in fewer dimensions, the common ones small."""
    alone = teacher.embed([piece.removeprefix("##") for piece in known])
    centred = alone - alone.mean(axis=0)
    _, axes = np.linalg.eigh(centred.T @ centred)
    narrow = centred @ axes[:, ::-1][:, :_WIDTH]
    counts = np.asarray(pairs.asked.sum(axis=0) + pairs.texts.sum(axis=0)).ravel()
    rarity = _COMMON / (_COMMON + counts / counts.sum())
    return (narrow / np.linalg.norm(narrow, axis=1).mean() * rarity[:, None]).astype(np.float32)


if __name__ == "__main__":
    main()
