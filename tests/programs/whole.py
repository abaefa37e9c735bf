"""The whole way of a call: a service over HTTP, its compiled description, the gateway, the official client."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final, Literal

import pytest
from mcp import Client

from tests.category.house import Handler, service
from tests.compiler.describe import Node, compiled
from tests.gateway.conftest import serving, site
from tests.gateway.world import admit_anybody
from trunkline.catalog import Catalog
from trunkline.catalog.write import write_catalog
from trunkline.infra import settings
from trunkline.programs.assembly import assembled
from trunkline.programs.settings import load
from trunkline.selection import build as index

Era = Literal["legacy", "2026-07-28"]
ERAS: Final = pytest.mark.parametrize("era", ["legacy", "2026-07-28"])


@asynccontextmanager
async def client_of(
    folder: Path, era: Era, description: Node, handler: Handler, **manifest: Any
) -> AsyncGenerator[Client]:
    """A client of a gateway whose only service is described by `description` and answered by `handler`."""
    catalog = folder / "catalog"
    catalog.mkdir()
    made = compiled(description, **manifest)
    assert made.problems == ()
    write_catalog(catalog, [(made.service, made.specs)])
    index.build(catalog, Catalog.open(catalog).services.values(), made.specs)
    async with service(handler) as port:
        flags = {"data_dir": str(folder), "sandbox": True, "sandbox_url": f"http://127.0.0.1:{port}"}
        given = settings.Sources({}, folder / "none", {}, {**flags, "topology": "monolith"})
        async with (
            assembled(load(given)) as assembly,
            serving(assembly.gateway.front(admit_anybody, site)) as base,
            Client(base + "/mcp", mode=era) as client,
        ):
            yield client
