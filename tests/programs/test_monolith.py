"""Category servers in the gateway's own process: made on their first call, and no others."""

from pathlib import Path

import pytest

from trunkline.catalog import Catalog
from trunkline.connections.ticket import TicketKey
from trunkline.contract import NotFound
from trunkline.programs.monolith import InProcessPorts


@pytest.fixture
async def ports(catalog_folder: Path):
    keys = {category: TicketKey.generate() for category in ("code", "comms")}
    made = InProcessPorts(Catalog.open(catalog_folder), keys, "127.0.0.1:9")
    yield made
    await made.close()


async def test_a_category_keeps_its_server(ports: InProcessPorts):
    assert ports.of("code") is ports.of("code")
    assert ports.of("code") is not ports.of("comms")


async def test_a_category_without_a_key_is_not_served(ports: InProcessPorts):
    with pytest.raises(NotFound):
        ports.of("payment")
    ports.warm(["payment", "code"])


async def test_every_category_is_in_process_whether_it_was_called_or_not(ports: InProcessPorts):
    ports.of("code")
    assert [(state.category, state.state, state.calls) for state in ports.states()] == [
        ("code", "in process", 0),
        ("comms", "in process", 0),
    ]
