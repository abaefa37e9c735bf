"""A token is the owner's, or it is nobody's."""

import pytest

from trunkline.contract import Admitted, Principal, Unauthenticated
from trunkline.identity import OWNER, Authenticator, Held, owner_token

KEY = b"k" * 32
TOKEN = owner_token(KEY)


def test_the_owner_token_is_derived_from_the_key_alone():
    assert owner_token(KEY) == TOKEN
    assert owner_token(b"j" * 32) != TOKEN
    assert TOKEN.startswith("tl_")
    assert len(TOKEN) == 46  # 256 bits in base64url


@pytest.mark.parametrize("header", [f"Bearer {TOKEN}", f"bearer {TOKEN}", f"Bearer  {TOKEN} ", f"BEARER {TOKEN}"])
async def test_the_owner_is_recognised(header: str):
    assert await Authenticator(KEY).admit(header.encode()) == Admitted(OWNER)


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Bearer",
        "Bearer ",
        TOKEN,
        f"Basic {TOKEN}",
        f"Bearer {TOKEN[:-1]}",
        f"Bearer {TOKEN}x",
        f"Bearer {TOKEN},{TOKEN}",
        f"Bearer {TOKEN} {TOKEN}",
        f"Bearer {TOKEN.lower()}",
        f"Bearer {owner_token(b'j' * 32)}",
        "Bearer " + "x" * 100_000,
        "Bearer \x00",
    ],
)
async def test_anything_else_is_nobody(header: str):
    with pytest.raises(Unauthenticated) as refused:
        await Authenticator(KEY).admit(header.encode())
    assert "trunkline token" in refused.value.hint


async def test_a_refusal_never_repeats_the_token():
    with pytest.raises(Unauthenticated) as refused:
        await Authenticator(KEY).admit(b"Bearer tl_secret-guess")
    assert "secret-guess" not in refused.value.message + refused.value.hint


class Tickets:
    """Knows the token `ticket`, good for one path until its clock says otherwise."""

    def __init__(self, until: float = 10.0) -> None:
        self.held: Held | None = Held(Admitted(Principal("ada", "acme")), until, b"gw", "/mcp")
        self.asked = 0

    async def verify(self, token: str, host: bytes, path: str) -> Held | None:
        self.asked += 1
        return self.held if token == "ticket" else None


async def test_a_verified_token_is_remembered_until_its_verifier_wants_to_see_it_again():
    tickets, now = Tickets(), [0.0]
    door = Authenticator(KEY, [tickets], lambda: now[0])
    for _ in range(3):
        assert (await door.admit(b"Bearer ticket", b"gw")).principal.subject == "ada"
    assert tickets.asked == 1
    now[0], tickets.held = 10.0, None
    with pytest.raises(Unauthenticated):
        await door.admit(b"Bearer ticket", b"gw")
    assert tickets.asked == 2


@pytest.mark.parametrize(("host", "path"), [(b"gw", "/mcp/t/github"), (b"other", "/mcp")])
async def test_a_remembered_token_is_refused_at_another_resource(host: bytes, path: str):
    door = Authenticator(KEY, [Tickets()])
    await door.admit(b"Bearer ticket", b"gw")
    with pytest.raises(Unauthenticated):
        await door.admit(b"Bearer ticket", host, path)


async def test_the_owner_stays_remembered_however_many_tokens_are():
    class Anything:
        async def verify(self, token: str, host: bytes, path: str) -> Held | None:
            return Held(Admitted(Principal(token, "acme")), 1e9)

    door = Authenticator(KEY, [Anything()])
    for number in range(10_100):
        await door.admit(b"Bearer t%d" % number)
    assert (await door.admit(f"Bearer {TOKEN}".encode())).principal == OWNER
