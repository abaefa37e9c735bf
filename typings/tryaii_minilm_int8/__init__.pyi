"""A package that carries a model."""

from pathlib import Path

def model_path() -> Path: ...
