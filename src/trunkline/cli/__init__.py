"""The command line: thin commands over the programs."""

from trunkline.cli.main import main

__all__ = ["main"]
