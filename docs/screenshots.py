"""Pictures of the dashboard's pages, light, dark and on a phone: `make screenshots` writes them to docs/images.

`python -m docs.screenshots toolsets playground` makes those of these pages alone.
"""

import asyncio
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tests.support import catalogs, dashboard
from tests.support.chromium import chromium
from tests.support.gateway import Gateway, environment_of, gateway

IMAGES = Path(__file__).with_name("images")


def _connect(running: Gateway, service: str) -> None:
    command = [sys.executable, "-m", "trunkline", "connect", service]
    environment = environment_of(running.folder)
    subprocess.run(command, env=environment, input="made-up", text=True, timeout=60, check=True, capture_output=True)


async def _shoot(running: Gateway, folder: Path, names: Sequence[str]) -> None:
    await dashboard.make_calls(running)
    home = dashboard.home_of(running)
    async with chromium(folder / "profile", home) as browser:
        page = await browser.page()
        await dashboard.sign_in(page, running)
        await dashboard.make_toolset(page, home)
        await dashboard.shoot(page, home, IMAGES, names)


def main(names: Sequence[str]) -> None:
    IMAGES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with gateway(folder / "data", catalogs.built(), ["--sandbox-connect"]) as running:
            for service in ("github", "slack", "stripe"):
                _connect(running, service)
            asyncio.run(_shoot(running, folder, names))


if __name__ == "__main__":
    main(sys.argv[1:] or tuple(dashboard.CONNECTED))
