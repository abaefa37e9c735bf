"""API descriptions -> tool rows. Build time only: no server imports it."""

from trunkline.compiler.build import build
from trunkline.compiler.report import Report

__all__ = ["Report", "build"]
