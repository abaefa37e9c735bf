"""A token is the owner's, or it is nobody's."""

import pytest

from trunkline.contract import Unauthenticated
from trunkline.identity import OWNER, Authenticator, owner_token

KEY = b"k" * 32
TOKEN = owner_token(KEY)


def test_the_owner_token_is_derived_from_the_key_alone():
    assert owner_token(KEY) == TOKEN
    assert owner_token(b"j" * 32) != TOKEN
    assert TOKEN.startswith("tl_")
    assert len(TOKEN) == 46  # 256 bits in base64url


@pytest.mark.parametrize("header", [f"Bearer {TOKEN}", f"bearer {TOKEN}", f"Bearer  {TOKEN} ", f"BEARER {TOKEN}"])
def test_the_owner_is_recognised(header: str):
    assert Authenticator(KEY).principal(header.encode()) == OWNER


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
def test_anything_else_is_nobody(header: str):
    with pytest.raises(Unauthenticated) as refused:
        Authenticator(KEY).principal(header.encode())
    assert "trunkline token" in refused.value.hint


def test_a_refusal_never_repeats_the_token():
    with pytest.raises(Unauthenticated) as refused:
        Authenticator(KEY).principal(b"Bearer tl_secret-guess")
    assert "secret-guess" not in refused.value.message + refused.value.hint
