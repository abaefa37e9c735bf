"""`trunkline stdio`: the gateway for a client that starts it, over standard input and output."""

from typing import Any

import typer

from trunkline.cli.options import every_setting, settings_of
from trunkline.programs import stdio as program


def register(app: typer.Typer) -> None:
    app.command("stdio", help="Speak MCP over standard input and output; needs no token.")(stdio)


@every_setting
def stdio(**flags: Any) -> None:
    program.run(settings_of(**flags))
