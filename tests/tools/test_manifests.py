"""What a draft of a manifest takes from a description."""

from typing import Any

import pytest
import yaml
from check_read import read_of
from credentials import auth_of
from draft import Wanted, manifest, text_of
from places import place_of

Node = dict[str, Any]


def described(**parts: object) -> Node:
    return {"openapi": "3.0.0", "paths": {}, **parts}


@pytest.mark.parametrize(
    ("servers", "base_url", "hosts"),
    [
        (
            [{"url": "http://api.acme.com/v1"}, {"url": "https://api.acme.com/v1/"}],
            "https://api.acme.com/v1",
            "api.acme.com",
        ),
        ([{"url": "http://acme.local/api"}], "https://{host}/api", "{host}"),
        ([{"url": "/api"}], "https://{host}/api", "{host}"),
        ([], "https://{host}", "{host}"),
        ([{"url": "https://{Your-Region}.acme.com"}], "https://{your_region}.acme.com", "{your_region}.acme.com"),
    ],
)
def test_a_service_lives_at_its_first_secure_server(servers: list[Node], base_url: str, hosts: str) -> None:
    place = place_of(described(servers=servers), "Acme", [])
    assert (place.base_url, place.hosts) == (base_url, [hosts])


def test_a_host_of_the_customer_stays_under_the_vendors_domains() -> None:
    place = place_of(described(servers=[{"url": "https://test.acme.com/v1"}]), "Acme", ["acme.com", "acme.eu"])
    assert place.base_url == "https://{host}/v1"
    assert place.variables["host"]["default"] == "test.acme.com"
    assert place.variables["host"]["pattern"] == r"([a-z0-9-]+\.)*(acme\.com|acme\.eu)"


def test_hosts_of_single_operations_are_allowed_too() -> None:
    paths = {"/up": {"post": {"servers": [{"url": "https://upload.acme.com"}]}}}
    place = place_of(described(servers=[{"url": "https://api.acme.com"}], paths=paths), "Acme", [])
    assert place.hosts == ["api.acme.com", "upload.acme.com"]


def schemes(*required: Node, **found: Node) -> Node:
    return described(components={"securitySchemes": found}, paths={"/": {"get": {"security": list(required)}}})


KEY, ID = ({"type": "apiKey", "in": "header", "name": name} for name in ("X-Key", "X-Id"))
CODE = {"type": "oauth2", "flows": {"authorizationCode": {"scopes": {"read": "", "write": ""}}}}


@pytest.mark.parametrize(
    ("root", "entries"),
    [
        (schemes({"b": []}, b={"type": "http", "scheme": "bearer"}), ["bearer"]),
        (schemes({"b": []}, b={"type": "basic"}), ["basic"]),
        (schemes({"k": []}, k=KEY), [{"header": "X-Key"}]),
        (schemes({"i": [], "k": []}, k=KEY, i=ID), [{"keys": [{"header": "X-Id"}, {"header": "X-Key"}]}]),
        (schemes({"o": []}, o=CODE), [{"oauth2": "acme", "scopes": ["read", "write"]}, "bearer"]),
        (schemes(k=KEY), [{"header": "X-Key"}]),
        (schemes({"none": []}), []),
    ],
)
def test_credentials_are_what_operations_ask_for(root: Node, entries: list[object]) -> None:
    assert auth_of(root, "acme") == entries


def test_the_read_of_the_caller_itself_verifies_a_credential() -> None:
    needs = {"get": {"parameters": [{"$ref": "#/components/parameters/Id"}]}}
    shared = {"parameters": {"Id": {"name": "id", "in": "query", "required": True}}}
    paths: Node = {"/accounts": {"get": {}}, "/users/me": {"get": {}}, "/me": needs, "/teams/{id}": {"get": {}}}
    assert read_of(described(paths=paths, components=shared)) == "/users/me"
    assert read_of(described(paths={"/me": needs}, components=shared)) is None


def test_a_draft_is_a_manifest_in_which_a_persons_word_counts() -> None:
    wanted = Wanted("acme", "Acme", "code", "acme", "Everything.", {"npm:acme:a.json": "1"}, given={"auth": ["basic"]})
    found = manifest(wanted, [described(servers=[{"url": "https://api.acme.com"}], paths={"/me": {"get": {}}})])
    assert yaml.safe_load(text_of(found)) == {
        "format": 1,
        "id": "acme",
        "title": "Acme",
        "summary": "Everything.",
        "source": {"openapi": "npm:acme:a.json"},
        "hosts": ["api.acme.com"],
        "auth": ["basic"],
        "verify": {"get": "/me"},
    }
