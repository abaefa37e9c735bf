"""`trunkline up`: starts the gateway and says how to connect."""

import time
from typing import Any

import typer
from rich.panel import Panel
from rich.text import Text

import trunkline
from trunkline.admin.clients import clients
from trunkline.catalog import Catalog
from trunkline.cli.console import err
from trunkline.cli.options import every_setting, settings_of
from trunkline.identity import owner_token
from trunkline.identity.link import owner_link
from trunkline.infra.keyfile import master_key
from trunkline.programs import gateway
from trunkline.programs.settings import Settings


def register(app: typer.Typer) -> None:
    app.command("up", help="Start the gateway.")(up)


@every_setting
def up(**flags: Any) -> None:
    settings = settings_of(**flags)
    folder = settings.data.create()
    catalog = Catalog.open(folder.catalog)
    token = owner_token(master_key(folder.key))
    gateway.run(settings, lambda: _say(settings, catalog, token))


def _say(settings: Settings, catalog: Catalog, token: str) -> None:
    """The banner, once everything listens."""
    base = settings.listen.url
    link = owner_link(base, master_key(settings.data.key), time.time())
    tools = sum(service.tools for service in catalog.services.values())
    text = Text()
    text.append(f"MCP endpoint   {base}/mcp\n", style="bold")
    text.append(f"status page    {base}/\n")
    text.append(f"token          {token}\n")
    text.append(f"catalog        {len(catalog.services)} services, {tools:,} tools\n")
    if settings.listen.open_port:
        text.append(f"without token  http://127.0.0.1:{settings.listen.open_port}/mcp\n", style="yellow")
    if settings.calling.sandbox:
        text.append("sandbox        on: every call is answered from the API descriptions\n", style="yellow")
    text.append(f"data           {settings.data.root}")
    err.print(Panel(text, title=f"Trunkline {trunkline.__version__}", title_align="left", expand=False))
    err.print("\nSign in as the owner (once, within 15 minutes; `trunkline login` prints a new link)", style="bold")
    err.print(link, markup=False)
    for client in clients(f"{base}/mcp", token):
        err.print(f"\n{client.name} ({client.where})", style="bold")
        err.print(client.line, markup=False)
    err.print("\nCtrl-C stops.", style="dim")
