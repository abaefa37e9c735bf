"""The contract of hand-written services."""

from typing import Annotated

import msgspec
import pytest

from trunkline.contract import Access, Effect, Module, tool, tools_of


class Shelf(Module):
    @tool(effect=Effect.READ)
    async def count_books(
        self,
        shelf: Annotated[str, "Name of the shelf"],
        limit: Annotated[int, msgspec.Meta(ge=1, le=10), "Most books"] = 5,
    ) -> int:
        """How many books stand there."""
        return len(shelf) * limit

    @tool(effect=Effect.DELETE, idempotent=True)
    async def burn(self) -> None:
        """All of it."""

    async def helper(self) -> None: ...


class Nowhere:
    async def addresses(self, host: str, port: int) -> tuple[str, ...]:
        return ()


def test_marked_methods_are_the_tools_and_their_docstrings_the_descriptions() -> None:
    burn, count = tools_of(Shelf)
    assert (burn.name, burn.effect, burn.idempotent) == ("burn", Effect.DELETE, True)
    assert (count.name, count.effect, count.idempotent) == ("count_books", Effect.READ, True)
    assert count.description == "How many books stand there."
    assert count.required == ("shelf",)


def test_type_hints_are_the_input_schema() -> None:
    count = tools_of(Shelf)[1]
    schema = msgspec.json.schema(count.arguments)["$defs"]["count_books_arguments"]
    assert schema["properties"]["shelf"] == {"type": "string", "description": "Name of the shelf"}
    assert schema["properties"]["limit"] == {
        "type": "integer",
        "minimum": 1,
        "maximum": 10,
        "default": 5,
        "description": "Most books",
    }


def test_arguments_are_checked_against_the_hints() -> None:
    arguments = tools_of(Shelf)[1].arguments
    assert msgspec.structs.asdict(msgspec.convert({"shelf": "a"}, arguments)) == {"shelf": "a", "limit": 5}
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"shelf": "a", "limit": 11}, arguments)
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"shelf": "a", "colour": "red"}, arguments)


def test_access_never_shows_a_secret() -> None:
    access = Access({"password": "hunter22"}, {"host": "db"}, Nowhere())
    assert "hunter22" not in f"{access} {access!r}"
    assert "password" in repr(access)
