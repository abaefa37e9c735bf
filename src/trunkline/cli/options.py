"""Options that several commands share, and the settings they lead to."""

import inspect
from collections.abc import Callable
from typing import Annotated, Any, TypeVar

import typer

from trunkline.infra import settings
from trunkline.programs.settings import KINDS, Settings, load

F = TypeVar("F", bound=Callable[..., None])

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


def every_setting(command: F) -> F:
    """Gives a command that takes `**flags` an option for each setting, and --config.

    Values are passed on as text: the settings themselves say what they accept, wherever a value comes from.
    """
    nothing = settings.sources({"data_dir": "/"}, {})
    rows = [row for row in settings.explain(KINDS, nothing) if not isinstance(row.value, dict)]
    options = [_option(row) for row in rows]
    options.append(inspect.Parameter("config", inspect.Parameter.KEYWORD_ONLY, default=None, annotation=Config))
    command.__signature__ = inspect.Signature(options)  # pyright: ignore[reportFunctionMemberAccess] - PEP 362
    return command


def _option(row: settings.Setting) -> inspect.Parameter:
    annotation: Any
    if isinstance(row.value, bool):
        switch = typer.Option(f"{row.flag}/--no-{row.flag.removeprefix('--')}", help=row.description)
        annotation = Annotated[bool | None, switch]
    else:
        annotation = Annotated[str | None, typer.Option(row.flag, metavar="VALUE", help=row.description)]
    return inspect.Parameter(row.name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=annotation)
