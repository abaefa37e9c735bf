"""Token endpoints, as their vendors document them. These are contract fakes: they speak the documented wire format of
GitHub, Slack, Notion and others, and prove nothing about the services themselves. `test_connecting.py` has a real one.
"""

import asyncio
import base64
import json
from typing import Any

import pytest

from trunkline.connections.provider import Providers
from trunkline.connections.token_endpoint import (
    App,
    AppRefused,
    GrantRefused,
    Later,
    TokenEndpoint,
    TokenRefused,
    tokens_of,
)
from trunkline.contract import Fault, UpstreamUnavailable
from trunkline.infra.fetch import Fetched, Request

PROVIDERS = Providers()
SECRET = "canary-client-secret"


class FakeFetch:
    """Answers with what it was given and writes down what it was asked; keeps the asker waiting while `open` is not
    set."""

    def __init__(self, answer: Fetched | Fault) -> None:
        self.answer = answer
        self.sent: list[Request] = []
        self.open = asyncio.Event()
        self.open.set()

    async def __call__(self, request: Request) -> Fetched:
        self.sent.append(request)
        await self.open.wait()
        if isinstance(self.answer, Fault):
            raise self.answer
        return self.answer


def answered(body: Any, status: int = 200, **headers: str) -> Fetched:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Fetched(status, {name.replace("_", "-"): value for name, value in headers.items()}, raw)


def app(provider: str, **variables: str) -> App:
    return App(PROVIDERS.find(provider), "client:id", SECRET, variables)


GOOD = {"access_token": "at", "token_type": "bearer", "refresh_token": "rt", "expires_in": 3600}


async def test_github_is_asked_by_form_and_answers_json() -> None:
    fetch = FakeFetch(answered({"access_token": "gho_1", "scope": "repo", "token_type": "bearer"}))
    tokens = await TokenEndpoint(fetch, fetch).exchange(app("github"), "code", "verifier", "https://gw.example/cb")
    (sent,) = fetch.sent
    assert (tokens.access, tokens.refresh, tokens.expires_in) == ("gho_1", "", 0)
    assert sent.form is not None
    assert sent.form["code_verifier"] == "verifier"
    assert sent.form["client_secret"] == SECRET


def test_a_form_encoded_answer_is_read_too() -> None:
    tokens = tokens_of(PROVIDERS.find("github"), answered(b"access_token=gho_1&scope=repo&token_type=bearer"))
    assert tokens.access == "gho_1"


async def test_notion_wants_basic_and_json() -> None:
    fetch = FakeFetch(answered(GOOD))
    await TokenEndpoint(fetch, fetch).refresh(app("notion"), "old")
    (sent,) = fetch.sent
    assert sent.json == {"grant_type": "refresh_token", "refresh_token": "old"}
    assert base64.b64decode(sent.headers["authorization"].removeprefix("Basic ")) == f"client%3Aid:{SECRET}".encode()


def test_slack_s_user_token_stands_beside_the_bot_s() -> None:
    answer = {
        "ok": True,
        "access_token": "xoxb-bot",
        "authed_user": {"access_token": "xoxp-user", "token_type": "user"},
    }
    assert tokens_of(PROVIDERS.find("slack"), answered(answer)).access == "xoxp-user"


async def test_a_host_that_somebody_typed_is_dialed_by_the_guarded_client() -> None:
    ours, guarded = FakeFetch(answered(GOOD)), FakeFetch(answered(GOOD))
    endpoint = TokenEndpoint(ours, guarded)
    await endpoint.refresh(app("shopify", shop="acme"), "old")
    await endpoint.refresh(app("microsoft", tenant="acme.example"), "old")
    assert [sent.url for sent in guarded.sent] == ["https://acme.myshopify.com/admin/oauth/access_token"]
    assert [sent.url for sent in ours.sent] == ["https://login.microsoftonline.com/acme.example/oauth2/v2.0/token"]


@pytest.mark.parametrize(
    ("expires_in", "seconds"),
    [(3600, 3600), ("3600", 3600), (3599.5, 3599.5), (0, 0), (-1, 0), (None, 0), ("soon", 0), ("NaN", 0), ([1], 0)],
)
def test_an_odd_expires_in_does_no_harm(expires_in: object, seconds: float) -> None:
    assert tokens_of(PROVIDERS.find("github"), answered({**GOOD, "expires_in": expires_in})).expires_in == seconds


def test_a_missing_expires_in_is_what_the_provider_is_known_for() -> None:
    answer = {"access_token": "at", "refresh_token": "rt"}
    assert tokens_of(PROVIDERS.find("salesforce"), answered(answer)).expires_in == 3600


def test_an_answer_without_refresh_token_says_so() -> None:
    assert tokens_of(PROVIDERS.find("google"), answered({"access_token": "at", "expires_in": 3599})).refresh == ""


@pytest.mark.parametrize(
    ("provider", "answer", "kind"),
    [
        ("google", answered({"error": "invalid_grant"}, 400), GrantRefused),
        ("github", answered({"error": "bad_refresh_token"}), GrantRefused),
        ("slack", answered({"ok": False, "error": "invalid_refresh_token"}), GrantRefused),
        ("google", answered({"error": "invalid_client"}, 401), AppRefused),
        ("github", answered({"error": "incorrect_client_credentials"}), AppRefused),
        ("slack", answered({"ok": False, "error": "bad_client_secret"}), AppRefused),
        ("google", answered({"error": "rate"}, 429), Later),
        ("google", answered({"error": "invalid_grant"}, 500), Later),
        ("google", answered(b"<html>Sign in</html>"), Later),
        ("google", answered(b"<html>access_token=x</html>"), Later),
        ("google", answered(b"", 400), Later),
        ("google", answered({"error": {"code": 7}}, 400), Later),
        ("github", answered({"error": "access_denied"}), Later),
        ("slack", answered({"ok": False, "error": "fatal_error"}), Later),
        ("google", answered({"token_type": "bearer"}), Later),
        ("google", answered({**GOOD, "access_token": "a\r\nX: 1"}), Later),
        ("google", answered({**GOOD, "access_token": "a" * 20_000}), Later),
        ("google", answered({**GOOD, "refresh_token": {"a": 1}}), Later),
        ("google", answered({**GOOD, "token_type": "mac"}), Later),
        ("google", answered(b"[" * 100_000), Later),
        ("google", answered(b"\xff\xfe"), Later),
    ],
)
def test_only_a_refused_grant_is_a_refused_grant(provider: str, answer: Fetched, kind: type[TokenRefused]) -> None:
    with pytest.raises(kind) as caught:
        tokens_of(PROVIDERS.find(provider), answer)
    assert type(caught.value) is kind


async def test_no_answer_is_for_later() -> None:
    fetch = FakeFetch(UpstreamUnavailable("oauth2.googleapis.com cannot be reached."))
    with pytest.raises(Later):
        await TokenEndpoint(fetch, fetch).refresh(app("google"), "old")


@pytest.mark.parametrize(("header", "wait"), [("30", 30), ("999999", 3600), ("soon", 0), ("-5", 0)])
def test_how_long_to_wait_is_the_provider_s_word_within_reason(header: str, wait: float) -> None:
    with pytest.raises(Later) as caught:
        tokens_of(PROVIDERS.find("google"), answered({}, 429, retry_after=header))
    assert caught.value.wait == wait


def test_no_fault_repeats_what_the_provider_said() -> None:
    canary = "canary-token-value"
    for body in ({"error": "invalid_grant", "error_description": canary}, {"error": canary + " x"}, {"note": canary}):
        with pytest.raises(TokenRefused) as caught:
            tokens_of(PROVIDERS.find("google"), answered(body, 400))
        assert canary not in f"{caught.value!r} {caught.value.hint}"


def test_no_repr_shows_a_secret() -> None:
    tokens = tokens_of(
        PROVIDERS.find("google"), answered({**GOOD, "access_token": "canary-a", "refresh_token": "canary-r"})
    )
    assert "canary" not in f"{tokens!r} {app('google')!r}"


@pytest.mark.parametrize(
    ("provider", "method", "url"),
    [
        ("google", "POST", "https://oauth2.googleapis.com/revoke"),
        ("github", "DELETE", "https://api.github.com/applications/client%3Aid/grant"),
        ("slack", "POST", "https://slack.com/api/auth.revoke"),
        ("square", "POST", "https://connect.squareup.com/oauth2/revoke"),
        ("dropbox", "POST", "https://api.dropboxapi.com/2/auth/token/revoke"),
    ],
)
async def test_tokens_are_given_back_as_the_provider_wants(provider: str, method: str, url: str) -> None:
    fetch = FakeFetch(answered({}))
    assert await TokenEndpoint(fetch, fetch).revoke(app(provider), "access", "refresh")
    (sent,) = fetch.sent
    assert (sent.method, sent.url) == (method, url)
    assert "access" in (
        *(sent.form or sent.json or {}).values(),
        sent.headers.get("authorization", "").removeprefix("Bearer "),
    )


async def test_a_provider_without_a_way_takes_nothing_back() -> None:
    fetch = FakeFetch(answered({}))
    assert not await TokenEndpoint(fetch, fetch).revoke(app("microsoft", tenant="x"), "access", "refresh")
    assert not fetch.sent
