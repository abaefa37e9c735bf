"""A database's address is shown without its password, however it is written."""

import pytest

from trunkline.infra.location import PostgreSQL, masked


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://ann:canary@host:5432/acme",
        "postgresql://ann:can@canary@host/acme",
        "postgresql://ann:can/canary@host/acme",
        "postgresql://ann:can:canary?#@host/acme",
        "postgresql://:canary@host/acme",
        "postgresql://host/acme?user=ann&password=canary",
        "postgresql://host/acme?sslpassword=canary&sslmode=require",
    ],
)
def test_the_password_shows_in_no_form_of_it(url: str) -> None:
    where = PostgreSQL(url)
    assert "canary" not in f"{where} {where!r} {masked(repr([url]))}"
    assert "host" in str(where)


@pytest.mark.parametrize("text", ["https://host:8200/path", "a@b.example", "postgresql://ann@host/acme", "12:30"])
def test_what_has_no_password_is_shown_as_it_is(text: str) -> None:
    assert masked(text) == text
