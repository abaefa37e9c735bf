"""Texts of forms, paths and queries -> values of their shapes."""

import base64
from typing import Any

from botocore.model import Shape
from botocore.utils import parse_timestamp


def scalar(text: str, shape: Shape) -> Any:
    """Raises ValueError for a text that is not of the shape's type."""
    match shape.type_name:
        case "boolean":
            return text == "true"
        case "integer" | "long":
            return int(text)
        case "float" | "double":
            return float(text)
        case "timestamp":
            return parse_timestamp(text)
        case "blob":
            return base64.b64decode(text, validate=True)
        case _:
            return text
