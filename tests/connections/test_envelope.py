"""A ciphertext opens in its own place, under its own key, unchanged, and nowhere else."""

from typing import Any, Final

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trunkline.connections.envelope import DataKey, Place
from trunkline.contract import Internal

SECRET: Final = bytes(range(32))
KEY: Final = DataKey("acme", 3, SECRET)
PLACE: Final = Place("acme", "connections", "c1", 7)
CANARY: Final = "canary-secret-value"
VALUES: Final = {"token": CANARY, "refresh": "canary-refresh"}
OTHERS: Final = {"organization": "other", "table": "service_configs", "row": "c2", "version": 6}


def test_what_was_sealed_opens_in_its_place() -> None:
    assert KEY.open(PLACE, KEY.seal(PLACE, VALUES)) == VALUES
    assert KEY.open(PLACE, KEY.seal(PLACE, {})) == {}


def test_the_cases_cover_every_part_of_a_place() -> None:
    assert set(OTHERS) == set(Place.__struct_fields__)


@pytest.mark.parametrize("part", OTHERS)
def test_a_ciphertext_does_not_open_where_any_part_of_its_place_differs(part: str) -> None:
    moved = msgspec.structs.replace(PLACE, **{part: OTHERS[part]})
    key = DataKey(moved.organization, 3, SECRET)
    with pytest.raises(Internal, match="changed or moved"):
        key.open(moved, KEY.seal(PLACE, VALUES))


@pytest.mark.parametrize(
    "other", [DataKey("acme", 4, SECRET), DataKey("acme", 3, bytes(32)), DataKey("acme", 2, SECRET[::-1])]
)
def test_a_ciphertext_does_not_open_under_another_key_or_another_version_of_it(other: DataKey) -> None:
    with pytest.raises(Internal, match="changed or moved"):
        other.open(PLACE, KEY.seal(PLACE, VALUES))


def changed(edit: Any) -> bytes:
    fields: dict[str, bytes] = msgspec.msgpack.decode(KEY.seal(PLACE, VALUES)[1:])
    edit(fields)
    return b"\x02" + msgspec.msgpack.encode(fields)


def swap(fields: dict[str, bytes]) -> None:
    fields["token"], fields["refresh"] = fields["refresh"], fields["token"]


def drop(fields: dict[str, bytes]) -> None:
    del fields["refresh"]


def rename(fields: dict[str, bytes]) -> None:
    fields["password"] = fields.pop("token")


@pytest.mark.parametrize("edit", [swap, drop, rename])
def test_fields_cannot_be_swapped_dropped_or_renamed(edit: Any) -> None:
    with pytest.raises(Internal, match="changed or moved"):
        KEY.open(PLACE, changed(edit))


@given(st.data())
def test_a_ciphertext_with_one_bit_changed_does_not_open(data: st.DataObject) -> None:
    sealed = bytearray(KEY.seal(PLACE, VALUES))
    position = data.draw(st.integers(0, len(sealed) * 8 - 1))
    sealed[position // 8] ^= 1 << position % 8
    with pytest.raises(Internal):
        KEY.open(PLACE, bytes(sealed))


@pytest.mark.parametrize("sealed", [b"", b"\x01", b"\x02", b"\x02\xff", b"x" * 100])
def test_what_is_no_ciphertext_is_refused(sealed: bytes) -> None:
    with pytest.raises(Internal):
        KEY.open(PLACE, sealed)


def test_the_same_secret_is_sealed_differently_each_time() -> None:
    assert KEY.seal(PLACE, VALUES) != KEY.seal(PLACE, VALUES)


def test_neither_key_nor_ciphertext_nor_fault_shows_a_secret() -> None:
    sealed = KEY.seal(PLACE, VALUES)
    with pytest.raises(Internal) as refused:
        KEY.open(PLACE, sealed[:-1])
    shown = f"{KEY!r} {KEY} {refused.value!r} {refused.value.hint}"
    assert not any(text in shown for text in (CANARY, SECRET.hex(), str(SECRET)))
    assert b"canary" not in sealed


def test_a_key_of_another_length_is_refused() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        DataKey("acme", 1, b"short")
