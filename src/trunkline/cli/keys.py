"""`trunkline keys`: what protects stored credentials, and its rotation."""

import asyncio
from typing import Annotated

import typer
from rich.console import Console

from trunkline.cli.console import err, out, print_fault, print_json
from trunkline.cli.options import AsJson, Config, DataDir, settings_of
from trunkline.connections.keys.rotate import Rotated
from trunkline.connections.keys.status import KeyStatus, status_of
from trunkline.contract import Fault, KeysUnavailable
from trunkline.identity import OWNER
from trunkline.identity.events import Events
from trunkline.programs.connections import storage
from trunkline.programs.settings import Settings

_BROKEN = 1
Provider = Annotated[
    str, typer.Option("--provider", metavar="NAME", help="file, vault or kms; by default that of the settings.")
]
Fresh = Annotated[bool, typer.Option("--data-keys", help="Make new data keys too, and seal every credential anew.")]


def register(app: typer.Typer) -> None:
    group = typer.Typer(help="See and rotate the keys of stored credentials.", no_args_is_help=True)
    app.add_typer(group, name="keys")
    group.command("status", help="Say which keys there are, and whether credentials can be opened.")(status)
    group.command("rotate", help="Wrap the data keys by a new key while calls run; resumes where it was ended.")(rotate)


def status(data_dir: DataDir = None, config: Config = None, json: AsJson = False) -> None:
    found, fault = asyncio.run(_look(settings_of(data_dir=data_dir, config=config)))
    if json:
        print_json({"status": found, "sealed": fault and fault.message})
    else:
        _print(found)
    if fault is not None:
        raise typer.Exit(print_fault(fault))


def rotate(
    provider: Provider = "",
    fresh: Fresh = False,
    data_dir: DataDir = None,
    config: Config = None,
    json: AsJson = False,
) -> None:
    done = asyncio.run(_rotate(settings_of(data_dir=data_dir, config=config), provider, fresh=fresh))
    if json:
        print_json(done)
    else:
        out.print(f"{done.wrapped} data keys wrapped anew, {done.made} made, {done.removed} removed")
        out.print(f"{done.sealed} credentials sealed anew")
    if done.broken:
        err.print(f"{len(done.broken)} cannot be opened and were left as they are: {', '.join(done.broken)}")
        raise typer.Exit(_BROKEN)


async def _look(settings: Settings) -> tuple[KeyStatus, KeysUnavailable | None]:
    async with storage(settings) as opened:
        return await status_of(opened.engine, opened.providers), await opened.fault()


async def _rotate(settings: Settings, provider: str, *, fresh: bool) -> Rotated:
    """The act is written down, unless the process is killed: what it did stands in the rows all the same."""
    outcome, done = "interrupted", Rotated()
    async with storage(settings) as opened:
        try:
            with _Bar(err) as bar:
                done = await opened.rotation(bar.show, provider).whole(fresh=fresh)
            outcome = "ok"
        except Fault as fault:
            outcome = fault.code
            raise
        finally:
            target = provider or settings.keys.key_provider
            events, owner = Events(opened.engine), (OWNER.organization, OWNER.subject)
            await events.record(*owner, "keys.rotate", target, outcome=outcome, detail=_counts(done))
    return done


def _counts(done: Rotated) -> dict[str, int]:
    return {"wrapped": done.wrapped, "made": done.made, "removed": done.removed, "sealed": done.sealed}


class _Bar:
    """What is being done, in one line of a terminal."""

    def __init__(self, console: Console) -> None:
        self._status = console.status("")

    def __enter__(self) -> "_Bar":
        self._status.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._status.stop()

    def show(self, what: str, count: int) -> None:
        self._status.update(f"{count} {what}")


def _print(found: KeyStatus) -> None:
    out.print(f"provider      {found.provider}", markup=False)
    out.print(f"current key   {found.current or 'none'}", markup=False)
    for id, count in found.wrapped.items():
        out.print(f"data keys     {count} wrapped by {id}", markup=False)
    out.print(f"credentials   {found.newest} sealed by the newest data keys, {found.older} by older ones")
