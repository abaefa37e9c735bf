"""`trunkline up`: starts the gateway and says how to connect."""

from typing import Annotated

import typer
from rich.panel import Panel
from rich.text import Text

import trunkline
from trunkline.admin.clients import clients
from trunkline.catalog import Catalog
from trunkline.cli.console import err
from trunkline.cli.options import Config, DataDir, settings_of
from trunkline.identity import owner_token
from trunkline.infra.keyfile import master_key
from trunkline.programs import gateway
from trunkline.programs.settings import Settings


def register(app: typer.Typer) -> None:
    app.command("up", help="Start the gateway.")(up)


def up(
    sandbox: Annotated[bool | None, typer.Option("--sandbox/--no-sandbox", help="Answer from descriptions.")] = None,
    port: Annotated[str | None, typer.Option("--port", metavar="NUMBER", help="Port of the MCP endpoint.")] = None,
    host: Annotated[str | None, typer.Option("--host", metavar="ADDRESS", help="Address to listen on.")] = None,
    open_port: Annotated[
        str | None, typer.Option("--open-port", metavar="NUMBER", help="Local port without token, for test tools.")
    ] = None,
    topology: Annotated[
        str | None, typer.Option("--topology", metavar="KIND", help="child or monolith category servers.")
    ] = None,
    sandbox_url: Annotated[
        str | None, typer.Option("--sandbox-url", metavar="URL", help="A sandbox that runs already.")
    ] = None,
    idle_seconds: Annotated[
        str | None, typer.Option("--idle-seconds", metavar="SECONDS", help="Stop category servers idle for so long.")
    ] = None,
    call_seconds: Annotated[
        str | None, typer.Option("--call-seconds", metavar="SECONDS", help="Longest time for one call.")
    ] = None,
    cache_dir: Annotated[
        str | None, typer.Option("--cache-dir", metavar="FOLDER", help="Downloaded descriptions.")
    ] = None,
    spec_mirror: Annotated[
        str | None, typer.Option("--spec-mirror", metavar="FOLDER", help="Further descriptions.")
    ] = None,
    read_only: Annotated[
        bool | None, typer.Option("--read-only/--no-read-only", help="Refuse calls that may change something.")
    ] = None,
    denied: Annotated[
        str | None, typer.Option("--denied", metavar="NAMES", help="Services and tools that are never called.")
    ] = None,
    public_hosts: Annotated[
        str | None, typer.Option("--public-hosts", metavar="NAMES", help="Host names besides localhost.")
    ] = None,
    origins: Annotated[
        str | None, typer.Option("--origins", metavar="ORIGINS", help="Web pages that may use the endpoint.")
    ] = None,
    tools_per_page: Annotated[
        str | None, typer.Option("--tools-per-page", metavar="NUMBER", help="Tools on a page of tools/list.")
    ] = None,
    list_seconds: Annotated[
        str | None, typer.Option("--list-seconds", metavar="SECONDS", help="How long clients may keep a list.")
    ] = None,
    session_idle_seconds: Annotated[
        str | None, typer.Option("--session-idle-seconds", metavar="SECONDS", help="When idle sessions end.")
    ] = None,
    body_limit: Annotated[str | None, typer.Option("--body-limit", metavar="BYTES", help="Largest request.")] = None,
    log_level: Annotated[
        str | None, typer.Option("--log-level", metavar="LEVEL", help="debug, info, warning or error.")
    ] = None,
    data_dir: DataDir = None,
    config: Config = None,
) -> None:
    settings = settings_of(**locals())
    folder = settings.data.create()
    catalog = Catalog.open(folder.catalog)
    token = owner_token(master_key(folder.key))
    gateway.run(settings, lambda: _say(settings, catalog, token))


def _say(settings: Settings, catalog: Catalog, token: str) -> None:
    """The banner, once everything listens."""
    base = f"http://{settings.listen.shown_host}:{settings.listen.port}"
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
    for client in clients(f"{base}/mcp", token):
        err.print(f"\n{client.name} ({client.where})", style="bold")
        err.print(client.line, markup=False)
    err.print("\nCtrl-C stops.", style="dim")
