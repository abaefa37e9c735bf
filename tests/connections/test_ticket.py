"""The ticket opens for the call it was sealed for, once, in time, and for nothing else."""

from collections.abc import Mapping
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trunkline.connections.ticket import LIFETIME_SECONDS, Opener, Sealer, TicketKey
from trunkline.contract import (
    AllowedCall,
    AuthKind,
    AuthScheme,
    ConnectionRef,
    Credential,
    Effect,
    TicketRejected,
    View,
)

KEY = TicketKey.generate()
CREDENTIAL = Credential(AuthScheme(AuthKind.BEARER), {"token": "canary-secret-value"})
FIELDS: Final[Mapping[str, Any]] = {
    "id": "call-1",
    "tool": "github_create_issue",
    "service": "github",
    "category": "code",
    "effect": Effect.READ,
    "idempotent": True,
    "arguments": b'{"title":"x"}',
    "subject": "ann",
    "organization": "acme",
    "hosts": ("api.github.com",),
    "deadline": 1000.0,
    "connection": ConnectionRef("c1", 3, "github"),
    "variables": {"shop": "acme"},
    "view": View(limit=5),
}
CHANGED: Final[Mapping[str, Any]] = {
    "id": "call-2",
    "tool": "github_delete_repo",
    "service": "gitlab",
    "category": "comms",
    "effect": Effect.DELETE,
    "idempotent": False,
    "arguments": b'{"title":"y"}',
    "subject": "bob",
    "organization": "other",
    "hosts": ("api.github.com", "evil.example"),
    "deadline": 1001.0,
    "connection": ConnectionRef("c1", 4, "github"),
    "variables": {"shop": "evil"},
    "view": View(limit=6),
}


class Hand:
    """A clock moved by hand."""

    def __init__(self) -> None:
        self.time = 1000.0

    def __call__(self) -> float:
        return self.time


def call(**changes: Any) -> AllowedCall:
    return AllowedCall(**{**FIELDS, **changes})


def sealed(clock: Hand | None = None) -> bytes:
    return Sealer({"code": KEY}, now=clock or Hand()).seal(call(), CREDENTIAL)


def opener(clock: Hand | None = None, key: TicketKey = KEY) -> Opener:
    return Opener(key, now=clock or Hand())


def test_a_ticket_gives_the_credential_to_the_category_it_was_sealed_for() -> None:
    opened = opener().open(call(), sealed())
    assert opened is not None
    assert (opened.scheme, opened.values) == (CREDENTIAL.scheme, CREDENTIAL.values)


def test_a_call_without_a_credential_has_a_ticket_too() -> None:
    ticket = Sealer({"code": KEY}, now=Hand()).seal(call(), None)
    assert opener().open(call(), ticket) is None


def test_the_changes_cover_every_field_of_a_call() -> None:
    assert set(AllowedCall.__struct_fields__) == set(FIELDS) == set(CHANGED)


@pytest.mark.parametrize("field", CHANGED)
def test_a_ticket_is_refused_when_any_field_of_the_call_differs(field: str) -> None:
    with pytest.raises(TicketRejected):
        opener().open(call(**{field: CHANGED[field]}), sealed())


@pytest.mark.parametrize("connection", [None, ConnectionRef("c2", 3, "github"), ConnectionRef("c1", 3, "x")])
def test_a_ticket_is_bound_to_the_connection_and_its_version(connection: ConnectionRef | None) -> None:
    with pytest.raises(TicketRejected):
        opener().open(call(connection=connection), sealed())


@given(st.data())
def test_a_ticket_with_one_bit_changed_is_refused(data: st.DataObject) -> None:
    ticket = bytearray(sealed())
    position = data.draw(st.integers(0, len(ticket) * 8 - 1))
    ticket[position // 8] ^= 1 << position % 8
    with pytest.raises(TicketRejected):
        opener().open(call(), bytes(ticket))


@pytest.mark.parametrize("ticket", [b"", b"\x01", b"x" * 20, b"x" * 200])
def test_what_is_no_ticket_is_refused(ticket: bytes) -> None:
    with pytest.raises(TicketRejected):
        opener().open(call(), ticket)


def test_a_ticket_cut_anywhere_is_refused() -> None:
    ticket = sealed()
    for end in range(len(ticket)):
        with pytest.raises(TicketRejected):
            opener().open(call(), ticket[:end])


def test_a_ticket_of_another_key_is_refused() -> None:
    with pytest.raises(TicketRejected):
        opener(key=TicketKey.generate()).open(call(), sealed())
    same_id = TicketKey(KEY.id, TicketKey.generate().secret)
    with pytest.raises(TicketRejected):
        opener(key=same_id).open(call(), sealed())


def test_a_ticket_opens_once() -> None:
    ours, ticket = opener(), sealed()
    ours.open(call(), ticket)
    with pytest.raises(TicketRejected, match="used"):
        ours.open(call(), ticket)


def test_a_ticket_expires() -> None:
    clock = Hand()
    ticket = sealed(clock)
    clock.time += LIFETIME_SECONDS + 0.001
    with pytest.raises(TicketRejected, match="expired"):
        opener(clock).open(call(), ticket)


def test_a_ticket_from_too_far_in_the_future_is_refused() -> None:
    clock = Hand()
    ticket = sealed(clock)
    clock.time -= 60
    with pytest.raises(TicketRejected, match="expired"):
        opener(clock).open(call(), ticket)


def test_used_tickets_are_forgotten_only_after_they_expired() -> None:
    clock = Hand()
    ours, ticket = opener(clock), sealed(clock)
    ours.open(call(), ticket)
    clock.time += LIFETIME_SECONDS - 0.001
    ours.open(call(), sealed(clock))
    with pytest.raises(TicketRejected, match="used"):
        ours.open(call(), ticket)
    clock.time += 1
    with pytest.raises(TicketRejected, match="expired"):
        ours.open(call(), ticket)


def test_a_renewed_ticket_opens_for_the_same_call_after_the_first_expired() -> None:
    clock = Hand()
    sealer = Sealer({"code": KEY}, now=clock)
    ticket = sealer.seal(call(), CREDENTIAL)
    clock.time += LIFETIME_SECONDS * 2
    opened = opener(clock).open(call(), sealer.renew(call(), ticket))
    assert opened is not None
    assert opened.values == CREDENTIAL.values
    with pytest.raises(TicketRejected):
        sealer.renew(call(subject="bob"), ticket)


def test_neither_ticket_nor_key_nor_credential_shows_a_secret() -> None:
    assert b"canary" not in sealed()
    assert "canary" not in f"{CREDENTIAL!r} {CREDENTIAL}"
    assert KEY.secret.hex() not in repr(KEY)
    assert str(KEY.secret) not in repr(KEY)


def test_a_key_survives_the_way_through_a_pipe() -> None:
    assert TicketKey.from_bytes(bytes(KEY)) == KEY
    with pytest.raises(ValueError, match="bytes of secret"):
        TicketKey.from_bytes(b"short")
