"""`trunkline login`: a one-time link that signs the owner's browser in."""

import time
from typing import Annotated

import typer

from trunkline.cli.console import out
from trunkline.cli.options import Config, DataDir, settings_of
from trunkline.identity.link import owner_link
from trunkline.infra.keyfile import master_key


def register(app: typer.Typer) -> None:
    app.command("login", help="Print a link that signs the owner in, once, within 15 minutes.")(login)


def login(
    url: Annotated[str, typer.Option("--url", help="Where the gateway is, if not where the settings say.")] = "",
    data_dir: DataDir = None,
    config: Config = None,
) -> None:
    settings = settings_of(data_dir=data_dir, config=config)
    place = url.rstrip("/") or settings.listen.url
    out.print(owner_link(place, master_key(settings.data.create().key), time.time()), markup=False)
