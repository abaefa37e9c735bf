"""`trunkline version`."""

import typer

import trunkline
from trunkline.cli.console import out


def register(app: typer.Typer) -> None:
    app.command("version", help="Print the version.")(version)


def version() -> None:
    out.print(trunkline.__version__)
