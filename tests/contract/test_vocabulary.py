import msgspec
import pytest

from trunkline import contract
from trunkline.contract import (
    CATEGORIES,
    AuthKind,
    AuthScheme,
    Credential,
    Done,
    Effect,
    Event,
    Fact,
    Failed,
    KeyPlace,
    Progress,
    ToolResult,
)


def test_everything_exported_exists() -> None:
    assert not [name for name in contract.__all__ if not hasattr(contract, name)]


def test_a_credential_never_shows_a_value() -> None:
    credential = Credential(AuthScheme(AuthKind.BEARER), {"token": "made-up-secret"})
    assert "made-up-secret" not in f"{credential} {credential!r}"


@pytest.mark.parametrize(
    ("scheme", "fields"),
    [
        (AuthScheme(AuthKind.BEARER), ("token",)),
        (AuthScheme(AuthKind.BASIC), ("username", "password")),
        (
            AuthScheme(AuthKind.API_KEY, keys=(KeyPlace("key", "query", "key"), KeyPlace("token", "query", "token"))),
            ("key", "token"),
        ),
    ],
    ids=["bearer", "basic", "two keys"],
)
def test_a_scheme_names_the_fields_a_connection_must_hold(scheme: AuthScheme, fields: tuple[str, ...]) -> None:
    assert scheme.fields == fields


@pytest.mark.parametrize(
    "event",
    [
        Progress("1", 0.5, 1.0, "half"),
        Done("1", ToolResult(text="{}", status=200)),
        Failed("1", Fact("not_found", "gone", "", False)),
    ],
    ids=["progress", "done", "failed"],
)
def test_an_event_survives_the_wire_with_its_type(event: Event) -> None:
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(event), type=Event) == event


def test_only_reading_is_read_only_and_only_deleting_is_destructive() -> None:
    assert [effect.read_only for effect in Effect] == [True, False, False]
    assert [effect.destructive for effect in Effect] == [False, False, True]


def test_there_are_ten_categories() -> None:
    assert len(CATEGORIES) == len(set(CATEGORIES)) == 10
