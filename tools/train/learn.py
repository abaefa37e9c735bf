"""Trains the table: a text is the sum of its pieces' rows, at unit length; pairs lie closer than strangers.

Two losses, in turn on each step: InfoNCE over a batch of pairs, each other's negatives (every other epoch the batches
are of one service, so the negatives are hard), and Kullback-Leibler divergence to the teacher's likeness of texts, so
that the table keeps what the teacher knows beyond the pairs. Adam, on the touched rows only.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]
Bags = Any  # scipy.sparse.csr_matrix, texts by pieces: how often each occurs
sparse: Any = import_module("scipy.sparse")  # installed for training only


@dataclass(frozen=True, slots=True)
class Settings:
    epochs: int = 4
    batch: int = 512
    rate: float = 0.01
    temperature: float = 0.05
    distillation: float = 1.0
    dropout: float = 0.1  # share of an asked text's pieces that is left out
    chatter: float = 0.5  # share of asked texts to which something beside the point is added
    seed: int = 7


@dataclass(frozen=True, slots=True)
class Pairs:
    """Bags of both sides of each pair, the number of its group, and bags of what is said beside the point."""

    asked: Bags
    texts: Bags
    groups: Ints
    chatter: Bags


@dataclass(frozen=True, slots=True)
class Lesson:
    """Texts, and what the teacher makes of them."""

    texts: Bags
    taught: Floats


def bags(pieces: Sequence[Sequence[int]], size: int) -> Bags:
    """A row of counts per text."""
    ends = np.cumsum([0, *(len(row) for row in pieces)])
    flat = np.fromiter((piece for row in pieces for piece in row), np.int32, int(ends[-1]))
    found = sparse.csr_matrix((np.ones(len(flat), np.float32), flat, ends), (len(pieces), size))
    found.sum_duplicates()
    return found


class _Adam:
    def __init__(self, table: Floats, rate: float) -> None:
        self._table, self._rate = table, rate
        self._mean, self._spread = np.zeros_like(table), np.zeros_like(table)
        self._steps = np.zeros((len(table), 1), np.float32)

    def step(self, rows: Ints, gradient: Floats, pace: float) -> None:
        self._steps[rows] += 1
        mean = self._mean[rows] = 0.9 * self._mean[rows] + 0.1 * gradient
        spread = self._spread[rows] = 0.99 * self._spread[rows] + 0.01 * gradient**2
        count = self._steps[rows]
        corrected = (mean / (1 - 0.9**count)) / (np.sqrt(spread / (1 - 0.99**count)) + 1e-8)
        self._table[rows] -= pace * self._rate * corrected


class _Side:
    """A batch of texts embedded, and the way back for a gradient."""

    def __init__(self, texts: Bags, table: Floats) -> None:
        self.texts = texts
        raw = texts @ table
        self._length = np.maximum(np.linalg.norm(raw, axis=1, keepdims=True), 1e-6)
        self.unit: Floats = raw / self._length

    def back(self, gradient: Floats) -> Floats:
        """Of the unit vectors to the sums of rows."""
        return (gradient - self.unit * (gradient * self.unit).sum(axis=1, keepdims=True)) / self._length


def train(table: Floats, pairs: Pairs, lesson: Lesson, settings: Settings) -> Floats:
    """The trained table. `table` is where it begins; it is left as it is."""
    table = table.copy()
    adam = _Adam(table, settings.rate)
    chance = np.random.default_rng(settings.seed)
    batches = [batch for epoch in range(settings.epochs) for batch in _batches(pairs, settings, epoch, chance)]
    for number, batch in enumerate(batches):
        pace = min(1.0, 20 * (1 - number / len(batches)), (number + 1) / 50) * (1 - number / len(batches))
        asked = _Side(_as_said(pairs, batch, settings, chance), table)
        texts = _Side(pairs.texts[batch], table)
        left, right = _contrast(asked.unit, texts.unit, _same(pairs, batch), settings.temperature)
        sides = [(asked, left), (texts, right)]
        chosen = chance.choice(lesson.texts.shape[0], settings.batch, replace=False)
        pupil = _Side(lesson.texts[chosen], table)
        sides.append(
            (pupil, settings.distillation * _divergence(pupil.unit, lesson.taught[chosen], settings.temperature))
        )
        _update(adam, sides, pace)
    return table


def _update(adam: _Adam, sides: Sequence[tuple[_Side, Floats]], pace: float) -> None:
    texts = sparse.vstack([side.texts for side, _ in sides]).tocsc()
    gradient = np.vstack([side.back(gradient) for side, gradient in sides])
    rows = np.flatnonzero(np.diff(texts.indptr))
    adam.step(rows, texts[:, rows].T.tocsr() @ gradient, pace)


def _batches(pairs: Pairs, settings: Settings, epoch: int, chance: np.random.Generator) -> Iterator[Ints]:
    order = chance.permutation(len(pairs.groups))
    if epoch % 2:
        order = order[np.argsort(pairs.groups[order], kind="stable")]
    starts = np.arange(0, len(order) - settings.batch + 1, settings.batch)
    for start in chance.permutation(starts):
        yield order[start : start + settings.batch]


def _as_said(pairs: Pairs, batch: Ints, settings: Settings, chance: np.random.Generator) -> Bags:
    """The asked texts of the batch, some pieces left out, some chatter added."""
    asked = pairs.asked[batch].copy()
    asked.data = asked.data * (chance.random(len(asked.data)) >= settings.dropout)
    chosen = chance.integers(pairs.chatter.shape[0], size=len(batch))
    added = sparse.diags((chance.random(len(batch)) < settings.chatter).astype(np.float32))
    return (asked + added @ pairs.chatter[chosen]).tocsr()


def _same(pairs: Pairs, batch: Ints) -> NDArray[np.bool_]:
    """Which texts of the batch are equal to which: no negatives of each other."""
    texts = pairs.texts[batch]
    like = (texts @ texts.T).toarray()
    size = np.diagonal(like)
    return (like >= 0.95 * np.maximum(size[:, None], size[None, :])) & ~np.eye(len(batch), dtype=bool)


def _contrast(left: Floats, right: Floats, same: NDArray[np.bool_], temperature: float) -> tuple[Floats, Floats]:
    """Gradients of the mean of both directions' cross entropy."""
    scores = left @ right.T / temperature
    scores[same] = -1e9
    eye = np.eye(len(scores), dtype=np.float32)
    slope = (_softmax(scores) - eye + (_softmax(scores.T) - eye).T) / (2 * len(scores) * temperature)
    return (slope @ right).astype(np.float32), (slope.T @ left).astype(np.float32)


def _divergence(units: Floats, taught: Floats, temperature: float) -> Floats:
    """Gradient of the divergence of `units`' likenesses from the teacher's, texts' likeness to themselves aside."""
    wanted, scores = taught @ taught.T / temperature, units @ units.T / temperature
    np.fill_diagonal(wanted, -1e9)
    np.fill_diagonal(scores, -1e9)
    slope = (_softmax(scores) - _softmax(wanted)) / (len(units) * temperature)
    return ((slope + slope.T) @ units).astype(np.float32)


def _softmax(scores: Floats) -> Floats:
    raised = np.exp(scores - scores.max(axis=1, keepdims=True))
    return raised / raised.sum(axis=1, keepdims=True)
