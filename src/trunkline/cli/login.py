"""`trunkline login`: a one-time link that signs the owner's browser in."""

import time

import typer

from trunkline.cli.console import out
from trunkline.cli.options import Config, DataDir, settings_of
from trunkline.identity.link import owner_link
from trunkline.infra.keyfile import master_key


def register(app: typer.Typer) -> None:
    app.command("login", help="Print a link that signs the owner in, once, within 15 minutes.")(login)


def login(data_dir: DataDir = None, config: Config = None) -> None:
    settings = settings_of(data_dir=data_dir, config=config)
    out.print(owner_link(settings.listen.url, master_key(settings.data.create().key), time.time()), markup=False)
