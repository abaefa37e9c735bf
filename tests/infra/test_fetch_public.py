"""A provider's host that somebody typed: only public names and addresses are dialed."""

import pytest

from trunkline.contract import Fault
from trunkline.infra.fetch import Outbound, Request

REFUSED = [
    "https://169.254.169.254/latest/meta-data",
    "https://127.0.0.1/token",
    "http://127.0.0.1:9/token",
    "https://[::1]/token",
    "https://[::ffff:10.0.0.1]/token",
    "https://2130706433/token",
    "https://0x7f.1/token",
    "https://127.1/token",
    "https://localhost/token",
    "https://db.internal/token",
    "https://printer.local/token",
    "https://user@example.com/token",
    "http://example.com/token",
    "ftp://example.com/token",
    "https:///token",
    "javascript:alert(1)",
]


@pytest.mark.parametrize("url", REFUSED)
async def test_an_address_within_is_never_dialed(url: str) -> None:
    fetch = Outbound(public=True)
    with pytest.raises(Fault) as caught:
        await fetch(Request(url, form={"refresh_token": "canary"}))
    assert "canary" not in f"{caught.value!r} {caught.value.hint}"
    await fetch.close()
