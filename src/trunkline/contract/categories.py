"""The ten categories. The same word is the folder, the worker, the container and the metric label."""

from typing import Final, Literal, get_args

Category = Literal["code", "comms", "pm", "cloud", "data", "crm", "productivity", "ai", "payment", "marketing"]

CATEGORIES: Final[tuple[Category, ...]] = get_args(Category)
