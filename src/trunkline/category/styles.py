"""Parameters as OpenAPI 3.1.1 serializes them (section 4.8.12.3, "Style Values", and its table of examples)."""

from collections.abc import Callable
from typing import Final

import msgspec

from trunkline.category import encode
from trunkline.category.encode import Json
from trunkline.contract import Parameter

Encode = Callable[[str], str]
_DELIMITERS: Final = {"form": ",", "spaceDelimited": "%20", "pipeDelimited": "%7C", "tabDelimited": "%09"}


def in_path(parameter: Parameter, value: Json) -> str:
    """The text of a path hole, styles simple, label and matrix. Raises InvalidArguments if it is not one segment."""
    name = parameter.argument
    put: Encode = lambda piece: encode.segment(name, piece)  # noqa: E731 - bound to the argument it names in errors
    if parameter.media_type:
        return put(_as_media(value))
    if parameter.allow_reserved:
        return encode.segments(name, encode.text(value))
    explode = bool(parameter.explode)
    if not isinstance(value, list | dict):
        return _prefixed(parameter, [put(encode.text(value))], explode=False)
    pieces = _pieces(value, put, pairs=explode) or [put("")]
    return _prefixed(parameter, pieces, explode)


def _prefixed(parameter: Parameter, pieces: list[str], explode: bool) -> str:
    """Pieces joined, with what label and matrix put before them."""
    if parameter.style == "label":
        return "." + ("." if explode else ",").join(pieces)
    if parameter.style == "matrix":
        return _matrix(encode.query(parameter.argument, parameter.name), pieces, explode)
    return ",".join(pieces)


def _matrix(name: str, pieces: list[str], explode: bool) -> str:
    if explode:
        return "".join(f";{piece}" if "=" in piece else f";{name}={piece}" for piece in pieces)
    return f";{name}={','.join(pieces)}"


def in_query(parameter: Parameter, value: Json) -> list[str]:
    """`name=value` texts, styles form, spaceDelimited, pipeDelimited and deepObject. None and [] give nothing."""
    return pairs(parameter, value, _query_encode(parameter))


def in_cookie(parameter: Parameter, value: Json) -> list[str]:
    """`name=value` texts, style form."""
    return pairs(parameter, value, _query_encode(parameter))


def in_header(parameter: Parameter, value: Json) -> str:
    """The header's text, style simple: nothing is percent-encoded. Raises InvalidArguments if it cannot be sent."""
    if parameter.media_type:
        return encode.header(parameter.argument, encode.ascii_json(value))
    pieces = _pieces(value, str, pairs=bool(parameter.explode))
    return encode.header(parameter.argument, ",".join(pieces))


def pairs(parameter: Parameter, value: Json, put: Encode) -> list[str]:
    """`name=value` texts, each part encoded by `put`."""
    name = put(parameter.name)
    if parameter.media_type:
        return [f"{name}={put(_as_media(value))}"]
    style = parameter.style or "form"
    if style == "deepObject":
        return deep(parameter.name, value, put)
    if not isinstance(value, list | dict):
        return [] if value is None else [f"{name}={put(encode.text(value))}"]
    explode = parameter.explode if parameter.explode is not None else style == "form"
    if not explode and isinstance(value, list) and any(isinstance(item, dict | list) for item in value):
        return [f"{name}={put(_as_media(value))}"]  # what no style can say is JSON
    if not explode:
        pieces = _pieces(value, put, pairs=False)
        return [f"{name}={_DELIMITERS.get(style, ',').join(pieces)}"] if pieces else []
    if isinstance(value, dict):
        return _pieces(value, put, pairs=True)
    return [f"{name}={piece}" for piece in _pieces(value, put, pairs=False)]


def deep(name: str, value: Json, put: Encode) -> list[str]:
    """`name[key]=value`. What OpenAPI leaves open follows what Stripe, PHP, Rails and qs all read: the items of a list
    are `name[]=value`, and `name[0][key]=value` where they are objects or lists themselves."""
    if isinstance(value, dict):
        return [pair for key, inner in value.items() for pair in deep(f"{name}[{key}]", inner, put)]
    if isinstance(value, list):
        nested = any(isinstance(inner, dict | list) for inner in value)
        names = [f"{name}[{index}]" if nested else f"{name}[]" for index in range(len(value))]
        return [pair for each, inner in zip(names, value, strict=True) for pair in deep(each, inner, put)]
    return [] if value is None else [f"{put(name)}={put(encode.text(value))}"]


def _pieces(value: Json, put: Encode, *, pairs: bool) -> list[str]:
    """The encoded parts of a value; an object's as `key=value` or as key, value."""
    if isinstance(value, list):
        return [put(encode.text(item)) for item in value]
    if not isinstance(value, dict):
        return [put(encode.text(value))]
    present = [(put(key), put(encode.text(inner))) for key, inner in value.items() if inner is not None]
    if pairs:
        return [f"{key}={inner}" for key, inner in present]
    return [piece for pair in present for piece in pair]


def _query_encode(parameter: Parameter) -> Encode:
    argument, reserved = parameter.argument, parameter.allow_reserved
    return lambda piece: encode.query(argument, piece, allow_reserved=reserved)


def _as_media(value: Json) -> str:
    return msgspec.json.encode(value).decode()
