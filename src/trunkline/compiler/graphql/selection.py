"""What a tool selects of the type that its field answers with: bounded, the plain fields first.

scalars and enums of the item; of related objects an id and what they are called; of a connection its nodes and where
the page ends. What is deprecated, or needs an argument, is left out.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final, cast

from graphql import (
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLUnionType,
    get_named_type,
    is_leaf_type,
    is_required_argument,
)

_MOST_PLAIN: Final = 30
_MOST_RELATED: Final = 12
_MOST_PARTS: Final = 6  # objects of a payload that are shown with their own fields
_CALLED: Final = ("id", "identifier", "key", "name", "displayName", "title", "email", "number", "url", "success")
_PAGE: Final = "pageInfo{hasNextPage endCursor}"
_Composite = GraphQLObjectType | GraphQLInterfaceType


@dataclass(frozen=True)
class Selection:
    """The text around what may be chosen, what is chosen unasked, and what there is to choose from."""

    before: str
    chosen: str
    after: str
    item: str  # the type whose fields are chosen; "" where the answer is a plain value
    names: tuple[str, ...]


def selection_of(field: GraphQLField, *, changes: bool) -> Selection:
    """The selection of a root field. `changes`: of a mutation, whose answer carries what it changed."""
    kind = named(field)
    if is_leaf_type(kind):
        return Selection("", "", "", "", ())
    if isinstance(kind, GraphQLUnionType):
        return Selection("{", _of_union(kind), "}", kind.name, ())
    assert isinstance(kind, GraphQLObjectType | GraphQLInterfaceType)
    if is_connection(kind):
        item = named(kind.fields["nodes"])
        if isinstance(item, GraphQLObjectType | GraphQLInterfaceType):
            return Selection("{nodes{", _of_item(item), "}" + _PAGE + "}", item.name, _names(item))
    return Selection("{", _of_item(kind, parts=changes), "}", kind.name, _names(kind))


def named(field: GraphQLField) -> object:
    """The field's type without its lists and non-nulls."""
    return cast("object", get_named_type(cast("Any", field).type))  # its generics have no arguments


def is_connection(kind: object) -> bool:
    """Whether it is a page of something, as Relay's specification has it."""
    return isinstance(kind, GraphQLObjectType) and {"nodes", "pageInfo"} <= kind.fields.keys()


def _usable(kind: _Composite) -> dict[str, GraphQLField]:
    return {
        name: field
        for name, field in kind.fields.items()
        if field.deprecation_reason is None and not any(map(is_required_argument, field.args.values()))
    }


def _names(kind: _Composite) -> tuple[str, ...]:
    return tuple(name for name, field in _usable(kind).items() if not is_connection(named(field)))


def _of_item(kind: _Composite, *, parts: bool = False) -> str:
    """`parts`: of a payload, the objects it carries are what was asked for, and come with their own fields."""
    usable = _usable(kind)
    plain = [name for name, field in usable.items() if is_leaf_type(named(field))]
    related = list(_related(usable, parts=parts and len(plain) <= _MOST_PARTS))
    chosen = sorted(plain, key=lambda name: name not in _CALLED)[:_MOST_PLAIN] + related[:_MOST_RELATED]
    return " ".join(chosen) or "__typename"


def _related(usable: dict[str, GraphQLField], *, parts: bool) -> Iterator[str]:
    for name, field in usable.items():
        kind = named(field)
        if isinstance(kind, GraphQLUnionType):
            yield f"{name}{{__typename}}"
        elif isinstance(kind, GraphQLObjectType | GraphQLInterfaceType) and not is_connection(kind):
            inner = _of_item(kind) if parts else _called(kind)
            if inner:
                yield f"{name}{{{inner}}}"


def _called(kind: _Composite) -> str:
    usable = _usable(kind)
    plain = [name for name, field in usable.items() if is_leaf_type(named(field))]
    return " ".join([name for name in _CALLED if name in plain][:3] or plain[:3])


def _of_union(kind: GraphQLUnionType) -> str:
    inner = (f"... on {each.name}{{{_called(each)}}}" for each in kind.types if _called(each))
    return " ".join(("__typename", *inner))
