"""`trunkline token`: the owner's token, for a client's configuration."""

import typer

from trunkline.cli.console import out
from trunkline.cli.options import Config, DataDir, settings_of
from trunkline.identity import owner_token
from trunkline.infra.keyfile import master_key


def register(app: typer.Typer) -> None:
    app.command("token", help="Print the owner's token for MCP clients.")(token)


def token(data_dir: DataDir = None, config: Config = None) -> None:
    folder = settings_of(data_dir=data_dir, config=config).data.create()
    out.print(owner_token(master_key(folder.key)), markup=False)
