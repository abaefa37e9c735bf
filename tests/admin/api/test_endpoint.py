"""How a request is read by its row of the table."""

from typing import Any

import msgspec
import pytest

from tests.support.browser import Browser, Page
from trunkline.admin.api.dispatch import Api
from trunkline.admin.api.endpoint import Endpoint, Given, Word
from trunkline.admin.site import Router
from trunkline.identity.ports import KeyHolder, SignedIn
from trunkline.identity.roles import Role
from trunkline.infra.http.asgi import Scope

OWN = {"x-csrf-token": "good", "content-type": "application/json"}


class Wish(Given, frozen=True):
    name: Word
    many: int = 1


class Someone:
    async def signed_in(self, scope: Scope) -> SignedIn | None:
        return SignedIn("ann", "Ann", "acme", "owner", "s1", "good")

    async def holder(self, key: str) -> KeyHolder | None:
        return None


class Echo(msgspec.Struct):
    name: str
    many: int


async def echo(_by: SignedIn, given: Wish) -> Echo:
    return Echo(given.name, given.many)


ENDPOINTS = (
    Endpoint("GET", "/wishes/{name}", Role.VIEWER, "", echo, Wish, Echo),
    Endpoint("POST", "/wishes/{name}", Role.VIEWER, "", echo, Wish, Echo),
)


async def ask(method: str, path: str, headers: dict[str, str] | None = None, body: bytes = b"") -> Page:
    api = Api(ENDPOINTS, Someone(), Someone(), "https://gw.example")
    browser = Browser(Router(api.routes(), Someone(), "https://gw.example"), "https://gw.example")
    return await browser.send(method, f"/api/v1{path}", OWN if headers is None else headers, body)


def answered(page: Page) -> Any:
    assert page.status == 200, page.text
    return msgspec.json.decode(page.text)


async def test_what_stands_in_path_query_and_body_reaches_the_handler() -> None:
    assert answered(await ask("GET", "/wishes/tea?many=3")) == {"name": "tea", "many": 3}
    assert answered(await ask("POST", "/wishes/tea", body=b'{"many": 3}')) == {"name": "tea", "many": 3}


async def test_a_field_that_is_not_filled_in_is_as_if_it_were_not_there() -> None:
    assert answered(await ask("GET", "/wishes/tea?many=")) == {"name": "tea", "many": 1}


@pytest.mark.parametrize("query", ["many=x", "many=1&many=2", "role=owner", "name=other", "organization="])
async def test_a_parameter_that_does_not_fit_is_400(query: str) -> None:  # G04
    page = await ask("GET", f"/wishes/tea?{query}")
    assert (page.status, msgspec.json.decode(page.text)["code"]) == (400, "invalid_arguments")


@pytest.mark.parametrize(
    "body", [b'{"role": "owner"}', b'{"many": "1"}', b'{"name": "other"}', b"[]", b"{", b"\xff", b'{"many": 1e999}']
)
async def test_a_body_that_does_not_fit_is_400(body: bytes) -> None:  # G04
    assert (await ask("POST", "/wishes/tea", body=body)).status == 400


async def test_json_sent_as_text_is_refused() -> None:  # G02
    assert (await ask("POST", "/wishes/tea", {"content-type": "text/plain"}, b"{}")).status == 403
    plain = OWN | {"content-type": "text/plain"}
    assert (await ask("POST", "/wishes/tea", plain, b"{}")).status == 400


async def test_another_method_is_405_and_an_unknown_path_404() -> None:
    assert (await ask("DELETE", "/wishes/tea")).status == 405
    assert (await ask("GET", "/nothing")).status == 404


async def test_the_document_names_every_parameter_where_it_goes() -> None:
    document = answered(await ask("GET", "/openapi.json"))
    get, post = (document["paths"]["/wishes/{name}"][method] for method in ("get", "post"))
    assert [(each["name"], each["in"], each["required"]) for each in get["parameters"]] == [
        ("name", "path", True),
        ("many", "query", False),
    ]
    assert [each["name"] for each in post["parameters"]] == ["name"]
    body = post["requestBody"]["content"]["application/json"]["schema"]
    assert (list(body["properties"]), body["additionalProperties"]) == (["many"], False)
    assert "Wish" not in document["components"]["schemas"]
