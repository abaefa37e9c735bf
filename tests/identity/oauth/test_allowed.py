"""The clients that a user has allowed: seen by that user alone, and taken back."""

import msgspec
import pytest

from tests.identity.oauth.house import ADA, BOB, House
from trunkline.contract import NotFound
from trunkline.identity.oauth.access import LOOK_SECONDS


async def test_a_client_that_was_taken_back_is_out_and_must_ask_again(house: House) -> None:
    client = (await house.register())["client_id"]
    tokens = await house.tokens(client)
    (one,) = await house.server.clients.list(ADA)
    assert one.grant.client_name == "Tester"
    for other in (BOB, msgspec.structs.replace(ADA, organization="other")):
        with pytest.raises(NotFound):
            await house.server.clients.take_back(other, one.grant.id)
    await house.server.clients.take_back(ADA, one.grant.id)
    house.clock.at += LOOK_SECONDS
    assert (await house.call(tokens["access_token"])).status == 401
    assert (await house.refresh(client, tokens["refresh_token"])).status == 400
    assert await house.server.clients.list(ADA) == ()
    assert (await house.authorize(client)).status == 200, "the consent is not remembered any more"
    assert house.events[-1].act == "grant.revoke"
    with pytest.raises(NotFound):
        await house.server.clients.take_back(ADA, one.grant.id)
