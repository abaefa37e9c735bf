"""A hand-written module for the tests: it counts what is opened and closed, and fails on demand."""

import asyncio
from typing import Any, ClassVar

from trunkline.contract import Access, CredentialRejected, Effect, Fault, InvalidArguments, Module, UpstreamFailed, tool


class Jammed(Exception):
    """What its driver raises."""


class Shelf(Module):
    errors = (Jammed,)
    open_now: ClassVar[list["Shelf"]] = []
    opened_ever: ClassVar[list[str]] = []

    def __init__(self, access: Access) -> None:
        super().__init__(access)
        self.addresses: tuple[str, ...] = ()

    async def open(self) -> None:
        await asyncio.sleep(0)
        if self.access.values.get("password") == "wrong-password":
            raise Jammed("the password wrong-password is not the one")
        Shelf.opened_ever.append(self.access.variables["host"])
        Shelf.open_now.append(self)

    async def close(self) -> None:
        if self in Shelf.open_now:
            Shelf.open_now.remove(self)

    def fault(self, error: Exception) -> Fault:
        return (
            CredentialRejected(str(error))
            if "is not the one" in str(error)
            else UpstreamFailed(str(error), "Shake it.")
        )

    @tool(effect=Effect.READ)
    async def list_books(self, count: int = 2) -> list[dict[str, Any]]:
        """The books."""
        return [{"title": f"Book {number}", "of": self.access.variables["host"]} for number in range(count)]

    @tool(effect=Effect.READ)
    async def tell_password(self) -> dict[str, str]:
        """What no module should do."""
        return {"password": self.access.values["password"]}

    @tool(effect=Effect.READ)
    async def reach(self, host: str) -> list[str]:
        """The addresses of a host."""
        return list(await self.access.egress.addresses(host, 1))

    @tool(effect=Effect.READ)
    async def jam(self, how: str) -> None:
        """Fails."""
        if how == "driver":
            raise Jammed(f"jammed: {self.access.values['password']}")
        if how == "fault":
            raise InvalidArguments(f"not with {self.access.values['password']}", "Try another.")
        raise ZeroDivisionError(how)

    @tool(effect=Effect.READ)
    async def wait(self) -> None:
        """For ever."""
        await asyncio.Event().wait()
