"""Files on the whole way: down to a client as content that it can show, and up from each form that a model writes."""

import base64
import json
from pathlib import Path
from typing import Any, Final

import pytest
from aiohttp import web
from mcp_types import AudioContent, BlobResourceContents, EmbeddedResource, ImageContent, ResourceLink, TextContent

from tests.compiler.describe import Node, body, document, operation
from tests.programs.whole import ERAS, Era, client_of

PIXELS: Final = b"\x89PNG\r\n\x1a\n\x00\xff"
_KINDS: Final = {"photo": "image/png", "sound": "audio/mpeg", "report": "application/pdf"}
_BINARY: Final[Node] = {"type": "string", "format": "binary"}


def _download(name: str, kind: str) -> Node:
    answer = {"description": "ok", "content": {kind: {"schema": _BINARY}}}
    return {"get": operation(operationId=f"get{name.title()}", responses={"200": answer})}


def description() -> Node:
    upload = body({"type": "object", "properties": {"file": _BINARY}, "required": ["file"]}, "multipart/form-data")
    paths = {f"/{name}": _download(name, kind) for name, kind in _KINDS.items()}
    paths["/export"] = _download("export", "application/zip")
    paths["/files"] = {"post": operation(operationId="createFile", requestBody=upload)}
    return document(paths)


async def answer(request: web.BaseRequest) -> web.StreamResponse:
    """Gives a file only to who accepts its kind; tells of an upload what arrived."""
    name = request.path.strip("/")
    if name == "files":
        part = await (await request.multipart()).next()
        assert part is not None
        data = await part.read()  # pyright: ignore[reportAttributeAccessIssue,reportUnknownVariableType,reportUnknownMemberType]
        kind = part.headers["Content-Type"]
        return web.json_response({"name": part.filename, "kind": kind, "text": bytes(data).decode()})  # pyright: ignore[reportAttributeAccessIssue,reportUnknownMemberType,reportUnknownArgumentType]
    if name == "export":
        return web.Response(status=302, headers={"Location": "https://files.example/export.zip?sign=x"})
    if request.headers["Accept"] != _KINDS[name]:
        return web.Response(status=406)
    disposition = f'attachment; filename="{name}.bin"'
    return web.Response(body=PIXELS, content_type=_KINDS[name], headers={"Content-Disposition": disposition})


@ERAS
async def test_a_download_comes_as_the_content_that_fits_it(tmp_path: Path, era: Era) -> None:
    data = base64.b64encode(PIXELS).decode()
    async with client_of(tmp_path, era, description(), answer) as client:

        async def content(name: str) -> tuple[Any, Any]:
            result = await client.call_tool("call_read_tool", {"name": name, "arguments": {}})
            assert not result.is_error, result
            told, file = result.content
            assert isinstance(told, TextContent)
            return json.loads(told.text), file

        told, photo = await content("acme_get_photo")
        assert told == {"content_type": "image/png", "bytes": len(PIXELS), "name": "photo.bin"}
        assert isinstance(photo, ImageContent)
        assert (photo.data, photo.mime_type) == (data, "image/png")
        _, sound = await content("acme_get_sound")
        assert isinstance(sound, AudioContent)
        assert sound.data == data
        _, report = await content("acme_get_report")
        assert isinstance(report, EmbeddedResource)
        assert isinstance(report.resource, BlobResourceContents)
        assert (report.resource.blob, report.resource.mime_type) == (data, "application/pdf")
        _, link = await content("acme_export")
        assert isinstance(link, ResourceLink)
        assert str(link.uri) == "https://files.example/export.zip?sign=x"


@ERAS
@pytest.mark.parametrize(
    ("given", "arrived"),
    [
        ({"filename": "a.txt", "content_base64": "aGVsbG8="}, ("a.txt", "text/plain")),
        ("hello", ("file", "application/octet-stream")),
        ("data:text/csv;charset=utf-8;base64,aGVsbG8=", ("file", "text/csv")),
        ("data:,hello", ("file", "text/plain")),
    ],
    ids=["base64", "text", "data URI", "data URI of text"],
)
async def test_an_upload_is_understood_in_each_form(
    given: object, arrived: tuple[str, str], tmp_path: Path, era: Era
) -> None:
    async with client_of(tmp_path, era, description(), answer) as client:
        result = await client.call_tool("call_tool", {"name": "acme_create_file", "arguments": {"file": given}})
    told = result.content[0]
    assert isinstance(told, TextContent)
    assert json.loads(told.text) == {"name": arrived[0], "kind": arrived[1], "text": "hello"}
