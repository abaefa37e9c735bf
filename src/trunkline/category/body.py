"""Request bodies: JSON, forms, multipart (RFC 7578, RFC 2387), text and binary."""

import mimetypes
import secrets
from typing import NamedTuple

import msgspec

from trunkline.category import encode, styles, uploads
from trunkline.category.encode import Json
from trunkline.contract import Body, BodyField, InvalidArguments, Parameter

Arguments = dict[str, Json]


class Encoded(NamedTuple):
    content_type: str
    data: bytes


def build(body: Body, arguments: Arguments) -> Encoded | None:
    """The body of a request, None where nothing is to be sent. Raises InvalidArguments."""
    if body.whole:
        return _whole(body, arguments[body.whole]) if body.whole in arguments else _empty(body)
    given = [(field, arguments[field.argument]) for field in body.fields if field.argument in arguments]
    if not given and not body.constants:
        return _empty(body)
    kind = _kind(body.media_type)
    if kind == "application/x-www-form-urlencoded":
        return Encoded(body.media_type, _form(body, given))
    if kind == "multipart/form-data":
        return _multipart(body, given)
    if kind == "multipart/related":
        return _related(body, given)
    return Encoded(body.media_type, _object(body, given))


def _object(body: Body, given: list[tuple[BodyField, Json]]) -> bytes:
    values: dict[str, object] = {name: msgspec.Raw(constant) for name, constant in body.constants.items()}
    values |= {field.name: value for field, value in given}
    return _json(values)


def _empty(body: Body) -> Encoded | None:
    if not body.required:
        return None
    kind = _kind(body.media_type)
    return Encoded(body.media_type, b"{}" if _is_json(kind) else b"") if kind != "multipart/form-data" else None


def _whole(body: Body, value: Json) -> Encoded:
    kind = _kind(body.media_type)
    if _is_json(kind):
        return Encoded(body.media_type, _json(value))
    if isinstance(value, dict) and kind in ("application/x-www-form-urlencoded", "multipart/form-data"):
        return _whole_object(body, value)
    if "*" not in kind:
        return Encoded(body.media_type, _bytes(body.whole, value))
    if isinstance(value, str) or (isinstance(value, dict) and "content_base64" in value):
        return Encoded("application/octet-stream", _bytes(body.whole, value))
    return Encoded("application/json", _json(value))


def _whole_object(body: Body, value: dict[str, Json]) -> Encoded:
    """A form whose argument is the whole object: its properties are the fields."""
    fields = tuple(BodyField(argument=name, name=name, binary=_is_file(each)) for name, each in value.items())
    plain = Body(media_type=body.media_type, fields=fields)
    given = [(field, value[field.name]) for field in fields]
    if _kind(body.media_type) == "multipart/form-data":
        return _multipart(plain, given)
    return Encoded(body.media_type, _form(plain, given))


def _is_file(value: Json) -> bool:
    return isinstance(value, dict) and "content_base64" in value


def _json(value: object) -> bytes:
    try:
        return msgspec.json.encode(value)
    except (OverflowError, ValueError):
        raise InvalidArguments("a number is too large, or a text holds half of a surrogate pair") from None


def _form(body: Body, given: list[tuple[BodyField, Json]]) -> bytes:
    constants = [(BodyField(name, name), msgspec.json.decode(text)) for name, text in body.constants.items()]
    return "&".join(pair for field, value in (*constants, *given) for pair in _form_pairs(field, value)).encode()


def _form_pairs(field: BodyField, value: Json) -> list[str]:
    """One property (Encoding Object): without a style, an object is JSON text and an array repeats its name."""
    media_type = field.media_type or ("application/json" if isinstance(value, dict) and not field.style else "")
    as_json = media_type if _is_json(media_type) else ""
    place = Parameter(field.argument, field.name, "query", field.style, field.explode, media_type=as_json)
    return styles.pairs(place, value, lambda piece: encode.form(field.argument, piece))


def _multipart(body: Body, given: list[tuple[BodyField, Json]]) -> Encoded:
    boundary = secrets.token_hex(16)
    constants = [(BodyField(name, name), msgspec.json.decode(text)) for name, text in body.constants.items()]
    parts = [part for field, value in (*constants, *given) for part in _parts(field, value)]
    data = b"".join(b"--%b\r\n%b\r\n" % (boundary.encode(), part) for part in parts)
    return Encoded(f"multipart/form-data; boundary={boundary}", data + b"--%b--\r\n" % boundary.encode())


def _related(body: Body, given: list[tuple[BodyField, Json]]) -> Encoded:
    """A JSON object, then the file that it describes (RFC 2387)."""
    boundary = secrets.token_hex(16)
    data = b"--%b\r\nContent-Type: application/json\r\n\r\n" % boundary.encode()
    data += _object(body, [pair for pair in given if not pair[0].binary])
    for field, value in given:
        if field.binary:
            sent = uploads.content(field.argument, value)
            kind = _kind_of(field, sent)
            head = f"\r\n--{boundary}\r\nContent-Type: {encode.header('content type', kind)}\r\n\r\n"
            data += head.encode() + sent.data
    return Encoded(f"multipart/related; boundary={boundary}", data + f"\r\n--{boundary}--\r\n".encode())


def _parts(field: BodyField, value: Json) -> list[bytes]:
    """The parts of one property, heads included. An array gives a part for each item, but one of objects or arrays is
    one part of JSON (OpenAPI 3.0.3, "Special Considerations for multipart Content"), if they are no files."""
    if isinstance(value, list) and not _is_json(field.media_type) and (field.binary or not _is_nested(value)):
        return [part for item in value for part in _parts(field, item)]
    if value is None:
        return []
    if field.binary:
        return [_file_part(field, value)]
    if isinstance(value, dict | list) or _is_json(field.media_type):
        return [_part(_disposition(field.name), field.media_type or "application/json", _json(value))]
    return [_part(_disposition(field.name), field.media_type, encode.text(value).encode())]


def _is_nested(value: list[Json]) -> bool:
    return any(isinstance(item, dict | list) for item in value)


def _file_part(field: BodyField, value: Json) -> bytes:
    sent = uploads.content(field.argument, value)
    disposition = f'{_disposition(field.name)}; filename="{_quoted(sent.name or "file")}"'
    return _part(disposition, _kind_of(field, sent), sent.data)


def _kind_of(field: BodyField, sent: uploads.Content) -> str:
    """What the description, the file, or else its name says that it is: services refuse an image that is not said to
    be one."""
    return field.media_type or sent.media_type or mimetypes.guess_type(sent.name)[0] or "application/octet-stream"


def _part(disposition: str, media_type: str, data: bytes) -> bytes:
    kind = f"Content-Type: {encode.header('content type', media_type)}\r\n" if media_type else ""
    return f"Content-Disposition: {disposition}\r\n{kind}\r\n".encode() + data


def _disposition(name: str) -> str:
    return f'form-data; name="{_quoted(name)}"'


def _quoted(name: str) -> str:
    """A name inside quotes as browsers write it (HTML Standard, "multipart/form-data encoding algorithm")."""
    return name.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A").replace("\0", "%00")


def _bytes(argument: str, value: Json) -> bytes:
    """The content of a file argument, or a text."""
    return uploads.content(argument, value).data


def _kind(media_type: str) -> str:
    return media_type.partition(";")[0].strip().lower()


def _is_json(media_type: str) -> bool:
    kind = _kind(media_type)
    return kind.endswith(("/json", "+json"))
