"""A credential on a request, and its secrets kept out of every text."""

import base64

import pytest

from trunkline.category.credentials import REDACTED, authorized, redact, secret_forms
from trunkline.category.request import Request, RequestBuilder
from trunkline.contract import (
    AuthKind,
    AuthScheme,
    Credential,
    CredentialRejected,
    KeyPlace,
    Parameter,
    Plan,
    Service,
)

REQUEST = Request("GET", "https", "a.example", "/x", "q=1", {"Accept": "a/b", "authorization": "forged"})
SECRET = 's3cret/+"value'


def keys(*places: KeyPlace, prefix: str = "") -> AuthScheme:
    return AuthScheme(AuthKind.API_KEY, keys=places, prefix=prefix)


def test_a_bearer_token_replaces_whatever_stood_there() -> None:
    request = authorized(REQUEST, Credential(AuthScheme(AuthKind.BEARER), {"token": "t"}))
    assert request.headers == {"Accept": "a/b", "Authorization": "Bearer t"}


def test_basic_is_base64_of_both_in_utf8() -> None:
    request = authorized(REQUEST, Credential(AuthScheme(AuthKind.BASIC), {"username": "\u00fc", "password": ""}))
    assert request.headers["Authorization"] == "Basic " + base64.b64encode("\u00fc:".encode()).decode()


def test_api_keys_go_to_header_query_and_cookie_several_at_once() -> None:
    scheme = keys(KeyPlace("a", "header", "X-Key"), KeyPlace("b", "query", "to ken"), KeyPlace("c", "cookie", "sid"))
    request = authorized(REQUEST, Credential(scheme, {"a": "1", "b": "2&3", "c": "4;5"}))
    assert request.headers["X-Key"] == "1"
    assert request.query == "q=1&to%20ken=2%263"
    assert request.headers["Cookie"] == "sid=4%3B5"


def test_a_prefix_stands_before_the_key_in_a_header() -> None:
    request = authorized(REQUEST, Credential(keys(KeyPlace("k", "header", "Authorization"), prefix="Bot "), {"k": "1"}))
    assert request.headers["Authorization"] == "Bot 1"


@pytest.mark.parametrize("token", ["a\r\nX: 1", "caf\u00e9", "a\0"])
def test_a_credential_that_cannot_be_sent_is_refused_without_being_shown(token: str) -> None:
    with pytest.raises(CredentialRejected) as refused:
        authorized(REQUEST, Credential(AuthScheme(AuthKind.BEARER), {"token": token}))
    assert token not in refused.value.message


def test_an_incomplete_credential_is_refused() -> None:
    with pytest.raises(CredentialRejected):
        authorized(REQUEST, Credential(AuthScheme(AuthKind.BASIC), {"username": "u"}))


@pytest.mark.parametrize(
    "echo",
    [
        SECRET,
        base64.b64encode(SECRET.encode()).decode(),
        base64.urlsafe_b64encode(SECRET.encode()).decode().rstrip("="),
        "s3cret%2F%2B%22value",
        's3cret/+\\"value',
    ],
)
def test_every_form_of_a_secret_is_redacted(echo: str) -> None:
    secrets = secret_forms(Credential(AuthScheme(AuthKind.BEARER), {"token": SECRET}))
    assert redact(f"you sent <{echo}>!", secrets) == f"you sent <{REDACTED}>!"


def test_the_header_of_basic_is_redacted() -> None:
    credential = Credential(AuthScheme(AuthKind.BASIC), {"username": "user-name", "password": "pass-word"})
    sent = authorized(REQUEST, credential).headers["Authorization"]
    assert redact(sent, secret_forms(credential)) == f"Basic {REDACTED}"


def test_a_very_short_value_does_not_blot_out_words() -> None:
    credential = Credential(AuthScheme(AuthKind.BASIC), {"username": "a", "password": "long-enough"})
    assert redact("a cat", secret_forms(credential)) == "a cat"
    assert secret_forms(None) == ()


def test_a_key_in_the_path_fills_the_hole_of_the_base_url_and_no_other() -> None:
    scheme = keys(KeyPlace("bot_token", "path", "token"))
    service = Service("t", "T", "", "comms", "https://api.t.example/bot{token}", ("api.t.example",), auth=(scheme,))
    plan = Plan("GET", "/send/{chat}", (Parameter("chat", "chat", "path"),))
    for chat in ("{token}", "[credential:bot_token]", "%5Bcredential:bot_token%5D"):
        request = RequestBuilder(service, plan).build({"chat": chat}, {})
        request = authorized(request, Credential(scheme, {"bot_token": "12:a"}))
        assert request.path.startswith("/bot12:a/send/")
        assert request.path.count("12:a") == 1


@pytest.mark.parametrize("token", ["..", "a/b", "a?b", "", "%2e%2e"])
def test_a_key_that_would_change_the_path_is_refused(token: str) -> None:
    scheme = keys(KeyPlace("token", "path", "token"))
    service = Service("t", "T", "", "comms", "https://api.t.example/bot{token}", ("api.t.example",), auth=(scheme,))
    request = RequestBuilder(service, Plan("GET", "/x")).build({}, {})
    with pytest.raises(CredentialRejected):
        authorized(request, Credential(scheme, {"token": token}))
