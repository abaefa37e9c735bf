"""Options that several commands share, and the settings they lead to."""

from typing import Annotated, Any

import typer

from trunkline.infra import settings
from trunkline.programs.settings import Settings, load

DataDir = Annotated[
    str | None, typer.Option("--data-dir", metavar="FOLDER", help="Where catalog, database, key and log are.")
]
Config = Annotated[str | None, typer.Option("--config", metavar="FILE", help="The settings file.")]
AsJson = Annotated[bool, typer.Option("--json", help="Answer in JSON.")]


def sources_of(**flags: Any) -> settings.Sources:
    """Where settings come from, with the flags that were given (None was not)."""
    return settings.sources({name: value for name, value in flags.items() if value is not None})


def settings_of(**flags: Any) -> Settings:
    """The settings with these flags. Raises `InvalidSettings`."""
    return load(sources_of(**flags))
