"""One row of the table of the admin API, and how a request is read by it.

An endpoint names the method and path, the role it takes, and the types of what it is given and what it answers. From
these come dispatch, authorization, reading, and the OpenAPI document; a test walks the same rows.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Any, Final, Literal, TypeVar

import msgspec
from msgspec import Meta

from trunkline.contract import InvalidArguments
from trunkline.identity.ports import SignedIn
from trunkline.identity.roles import Role
from trunkline.infra.http.web import Request

SAFE: Final = ("GET", "HEAD")
JSON: Final = "application/json"
_TOO_LONG: Final = 400  # characters of a message that repeats what was sent

# No control characters: PostgreSQL stores no NUL, and nothing that is looked for holds a line break.
Word = Annotated[str, Meta(max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$")]
# What people call something: begins with a letter or a digit, and holds no mark that turns the direction of writing.
Title = Annotated[str, Meta(min_length=1, max_length=100, pattern=r"^\w[\w .,:;'’&+@#!?()/-]*$")]
Page = Annotated[int, Meta(ge=1, le=10_000)]

Handler = Callable[[SignedIn, Any], Awaitable[Any]]


class Given(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Base of what endpoints are given: parts of the path, then the query (GET) or the JSON body, by name."""


class Nothing(Given, frozen=True):
    """Where nothing is given or answered."""


G = TypeVar("G", bound=Given)


@dataclass(frozen=True)
class Endpoint:
    """`path` is below the API's prefix and may have parts in braces, which are fields of `given`.

    `handler` is `async (SignedIn, given) -> answer`. With a `media` other than JSON it returns an iterator of bytes.
    """

    method: Literal["GET", "POST", "DELETE"]
    path: str
    role: Role
    summary: str
    handler: Handler
    given: type[Given] = Nothing
    answer: Any = Nothing
    media: str = JSON

    @cached_property
    def safe(self) -> bool:
        return self.method in SAFE

    @cached_property
    def in_path(self) -> tuple[str, ...]:
        return tuple(part[1:-1] for part in self.path.split("/") if part.startswith("{"))

    @property
    def name(self) -> str:
        """Its operationId: the group and the function, `services.list`."""
        group = self.path.split("/")[1]
        return f"{group}.{getattr(self.handler, '__name__', 'call')}"

    def read(self, request: Request) -> Given:
        """What `request` gives. Raises InvalidArguments."""
        return given(self.given, request)


def given(kind: type[G], request: Request) -> G:
    """What `request` gives by path and query (GET) or path and JSON body. Raises InvalidArguments."""
    safe = request.method in SAFE
    values = _query(kind, request) if safe else _body(request)
    if values.keys() & request.params.keys():
        raise InvalidArguments("What stands in the path cannot be given again.", "")
    try:
        return msgspec.convert({**values, **request.params}, kind, strict=not safe)
    except msgspec.ValidationError as fault:
        raise InvalidArguments(str(fault)[:_TOO_LONG], "The document at openapi.json says what fits.") from None


def _query(kind: type[Given], request: Request) -> dict[str, Any]:
    """A parameter that is empty was not filled in: forms send those too."""
    if repeated := request.query.repeated():
        raise InvalidArguments(f"Given more than once: {', '.join(sorted(repeated))[:_TOO_LONG]}.", "")
    fields = kind.__struct_fields__
    return {name: value for name, value in request.query.pairs if value or name not in fields}


def _body(request: Request) -> dict[str, Any]:
    kind = request.headers.get(b"content-type", b"").partition(b";")[0].strip().lower()
    if not request.body and not kind:
        return {}
    if kind != JSON.encode():
        raise InvalidArguments("A JSON object is expected.", f"Send {JSON}.")
    try:
        return msgspec.json.decode(request.body, type=dict[str, Any])
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        raise InvalidArguments("The body is no JSON object.", "") from None
