"""A category server in this process with one hand-written module, compiled as the catalog compiles it."""

import json
import time
import uuid
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from trunkline.catalog import Catalog, write_catalog
from trunkline.catalog.family import MODULES
from trunkline.catalog.manifests import Manifests
from trunkline.catalog.sources import Sources
from trunkline.category.dial import DirectDialer
from trunkline.category.server import CategoryServer
from trunkline.category.upstream import Upstream
from trunkline.compiler.service import compile_service
from trunkline.connections.ticket import Opener, Sealer, TicketKey
from trunkline.contract import (
    AllowedCall,
    AuthKind,
    AuthScheme,
    ConnectionRef,
    Credential,
    Done,
    Fact,
    Failed,
    Service,
    ToolSpec,
)

_KEY = TicketKey.generate()
_BASIC = AuthScheme(AuthKind.BASIC)


def compiled(name: str) -> tuple[Service, tuple[ToolSpec, ...]]:
    """The service and its tools, without a problem."""
    manifest = Manifests.load().by_id[name]
    sources = Sources(MODULES)
    built = compile_service(manifest, [(source, sources.fetch(source)) for source in manifest.sources])
    assert built.problems == ()
    return built.service, built.specs


class Bench:
    """Calls tools by the name of their method."""

    def __init__(self, server: CategoryServer, service: Service, specs: Mapping[str, ToolSpec]) -> None:
        self._server = server
        self._service = service
        self._specs = specs
        self.variables = {name: each.sample for name, each in service.variables.items()}
        self.credential = Credential(_BASIC, {"username": "default", "password": ""})

    async def end(self, method: str, **arguments: Any) -> Done | Failed:
        spec = self._specs[f"{self._service.id}_{method}"]
        call = AllowedCall(
            id=uuid.uuid4().hex,
            tool=spec.name,
            service=spec.service,
            category=spec.category,
            effect=spec.effect,
            idempotent=spec.idempotent,
            arguments=json.dumps(arguments).encode(),
            subject="ann",
            organization="acme",
            hosts=(self.variables["host"],),
            deadline=time.time() + 50,
            connection=ConnectionRef(repr((self.variables, self.credential.values)), 1, spec.service),
            variables=self.variables,
        )
        ticket = Sealer({spec.category: _KEY}).seal(call, self.credential)
        events = [event async for event in self._server.call(call, ticket)]
        assert len(events) == 1
        assert isinstance(events[0], Done | Failed)
        return events[0]

    async def call(self, method: str, **arguments: Any) -> Any:
        """The answer; what is no JSON is text."""
        end = await self.end(method, **arguments)
        assert isinstance(end, Done), end
        try:
            return json.loads(end.result.text)
        except ValueError:
            return end.result.text

    async def fault(self, method: str, **arguments: Any) -> Fact:
        end = await self.end(method, **arguments)
        assert isinstance(end, Failed), end
        return end.fact


@asynccontextmanager
async def bench(
    folder: Path, name: str, port: int, username: str = "default", password: str = ""
) -> AsyncGenerator[Bench]:
    """`port` is that of a server on localhost."""
    service, specs = compiled(name)
    write_catalog(folder, [(service, specs)])
    server = CategoryServer(service.category, Catalog.open(folder), Opener(_KEY), Upstream(DirectDialer()))
    made = Bench(server, service, {spec.name: spec for spec in specs})
    made.variables |= {"host": "127.0.0.1", "port": str(port)}
    made.credential = Credential(_BASIC, {"username": username, "password": password})
    try:
        yield made
    finally:
        await server.close()
