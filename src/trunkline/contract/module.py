"""A hand-written service: a class with typed methods, for what a description cannot say.

    class Redis(Module):
        @tool(effect=Effect.READ)
        async def get(self, key: Annotated[str, "Key name"]) -> str | None:
            \"\"\"Value of a string key, or null.\"\"\"

The method's name is the verb_noun of the tool, its type hints the input schema, its docstring the description. An
argument is described by a text in its `Annotated`, and bounded by a `msgspec.Meta` there.
"""

import importlib
import inspect
from collections.abc import Awaitable, Callable, Mapping
from types import UnionType
from typing import Annotated, Any, ClassVar, Protocol, TypeVar, Union, get_args, get_origin, get_type_hints

import msgspec

from trunkline.contract.effect import Effect
from trunkline.contract.errors import Fault, InvalidManifest, UpstreamFailed

_MARK = "__tool__"


class Egress(Protocol):
    """The way out: which hosts a module may reach, and where they are."""

    async def addresses(self, host: str, port: int) -> tuple[str, ...]:
        """The IP addresses to dial for `host`; dial these and no others.

        Raises HostDenied if the connection does not name this host, or it leads to an address that is out of bounds;
        UpstreamUnavailable if it has none.
        """
        ...


class Access(msgspec.Struct, frozen=True):
    """One connection of a caller: what a module works with. Its `repr` never shows a secret."""

    values: Mapping[str, str]  # the fields of the credential
    variables: Mapping[str, str]  # the connection's variables, defaults filled in
    egress: Egress

    def __repr__(self) -> str:
        return f"Access(fields={sorted(self.values)}, variables={dict(self.variables)})"

    __str__ = __repr__


class Module:
    """Base of hand-written services. One object serves all calls of one connection, several at a time.

    `errors` are the exceptions of its driver, which `fault` turns into ours. A method may raise Fault itself.
    """

    errors: ClassVar[tuple[type[Exception], ...]] = ()

    def __init__(self, access: Access) -> None:
        self.access = access

    async def open(self) -> None:
        """Called once, before the first call. May raise Fault or one of `errors`."""

    async def close(self) -> None:
        """Called once, when nothing was called for a while, the server ends, or opening failed."""

    def fault(self, error: Exception) -> Fault:
        """What `error`, one of `errors`, means to the caller."""
        return UpstreamFailed(str(error))


class Tool(msgspec.Struct, frozen=True):
    """A method that is a tool. `arguments` is a struct type: its fields are the method's parameters."""

    name: str
    effect: Effect
    idempotent: bool
    description: str
    arguments: type[msgspec.Struct]
    required: tuple[str, ...]


class _Mark(msgspec.Struct, frozen=True):
    effect: Effect
    idempotent: bool


Method = TypeVar("Method", bound=Callable[..., Awaitable[Any]])


def tool(*, effect: Effect, idempotent: bool = False) -> Callable[[Method], Method]:
    """Marks a method as a tool. `idempotent`: doing it twice is doing it once; a read always is."""

    def mark(method: Method) -> Method:
        setattr(method, _MARK, _Mark(effect, idempotent or effect is Effect.READ))
        return method

    return mark


def tools_of(module: type[Module]) -> tuple[Tool, ...]:
    """The tools of a module, by name. Raises TypeError for a method whose hints make no schema."""
    return tuple(tool_of(module, name) for name in sorted(dir(module)) if hasattr(getattr(module, name), _MARK))


def tool_of(module: type[Module], name: str) -> Tool:
    """The tool that the method `name` is. Raises AttributeError where there is none."""
    method = getattr(module, name)
    mark: _Mark = getattr(method, _MARK)
    fields = [_field(parameter) for parameter in _parameters(method)]
    arguments = msgspec.defstruct(f"{name}_arguments", fields, frozen=True, forbid_unknown_fields=True, kw_only=True)
    required = tuple(field[0] for field in fields if len(field) == 2)
    return Tool(name, mark.effect, mark.idempotent, inspect.cleandoc(method.__doc__ or ""), arguments, required)


def imported(name: str) -> type[Module]:
    """The class that `package.module:Class` names. Raises InvalidManifest."""
    package, _, attribute = name.partition(":")
    try:
        found: object = getattr(importlib.import_module(package), attribute)
    except (ImportError, AttributeError) as error:
        raise InvalidManifest(f"the module {name} cannot be imported: {error}") from None
    if not (isinstance(found, type) and issubclass(found, Module)):
        raise InvalidManifest(f"{name} is no Module")
    return found


_Field = tuple[str, Any] | tuple[str, Any, Any]


def _parameters(method: Callable[..., Any]) -> list[tuple[inspect.Parameter, Any]]:
    """The parameters after `self`, each with its type hint."""
    hints = get_type_hints(method, include_extras=True)
    found = list(inspect.signature(method).parameters.values())[1:]
    return [(parameter, hints[parameter.name]) for parameter in found]


def _field(described: tuple[inspect.Parameter, Any]) -> _Field:
    parameter, hint = described
    kind = _with_description(hint)
    if parameter.default is inspect.Parameter.empty:
        return parameter.name, kind
    return parameter.name, kind, parameter.default


def _with_description(hint: Any) -> Any:
    """`Annotated[str, "Key name"]` as msgspec understands it, inside a union too."""
    if isinstance(hint, UnionType) or get_origin(hint) is Union:
        return Union[tuple(_with_description(each) for each in get_args(hint))]  # noqa: UP007 - made at run time
    if get_origin(hint) is not Annotated:
        return hint
    kind, *extras = get_args(hint)
    texts = [msgspec.Meta(description=extra) for extra in extras if isinstance(extra, str)]
    metas = [extra for extra in extras if isinstance(extra, msgspec.Meta)]
    for meta in (*metas, *texts):
        kind = Annotated[kind, meta]
    return kind
