"""The token endpoint of a provider: requests as the provider wants them, answers brought into one form.

Three kinds of bad answers are told apart, because different things follow: the grant is refused (a person must consent
again), the app is refused (an admin must look), and everything else (later, perhaps).
"""

import base64
import math
from collections.abc import Mapping
from typing import Any, Final, cast
from urllib.parse import parse_qsl, quote, urlsplit

import msgspec

from trunkline.connections.provider import Provider, at
from trunkline.contract import (
    CredentialRejected,
    Fault,
    HostDenied,
    InvalidSettings,
    UpstreamFailed,
    UpstreamUnavailable,
)
from trunkline.infra.fetch import Fetch, Fetched, Request

LONGEST_TOKEN: Final = 16_384  # characters
_APP_REFUSED: Final = frozenset(
    ("invalid_client", "unauthorized_client", "incorrect_client_credentials", "invalid_client_id", "bad_client_secret")
)
_BUSY: Final = frozenset((408, 425, 429))
_LONGEST_WAIT: Final = 3600.0
_LATER: Final = "Try again later."


class TokenRefused(Exception):
    """No tokens. `message` and `hint` are for people; `wait` is how many seconds the provider asked for, 0 for none."""

    kind: type[Fault] = UpstreamUnavailable

    def __init__(self, message: str, hint: str = "", wait: float = 0.0) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.wait = wait

    def fault(self) -> Fault:
        return self.kind(self.message, self.hint)


class GrantRefused(TokenRefused):
    """invalid_grant (RFC 6749 section 5.2): code or refresh token are used, expired or revoked."""

    kind = CredentialRejected


class AppRefused(TokenRefused):
    """invalid_client: the OAuth app is not, or no longer, what the provider knows."""

    kind = InvalidSettings


class Later(TokenRefused):
    """No usable answer: another try may have one."""


class App(msgspec.Struct, frozen=True):
    """An organization's OAuth app at a provider. Its `repr` shows no secret."""

    provider: Provider
    client_id: str
    client_secret: str
    variables: Mapping[str, str] = {}

    def with_variables(self, more: Mapping[str, str]) -> "App":
        """Those of the app stand: they are an admin's."""
        return msgspec.structs.replace(self, variables={**more, **self.variables})

    def __repr__(self) -> str:
        return f"App({self.provider.id!r}, {self.client_id!r})"


class Tokens(msgspec.Struct, frozen=True):
    """What a token answer says. `expires_in` in seconds, 0 where nothing is known; `members` is the whole answer.

    Its `repr` shows no token.
    """

    access: str
    refresh: str
    expires_in: float
    members: Mapping[str, Any]

    def with_refresh(self, refresh: str) -> "Tokens":
        return msgspec.structs.replace(self, refresh=refresh)

    def __repr__(self) -> str:
        return f"Tokens(expires_in={self.expires_in:g}, refreshable={bool(self.refresh)})"


class TokenEndpoint:
    """`fetch` reaches providers at addresses of ours, `public` those whose host somebody typed."""

    def __init__(self, fetch: Fetch, public: Fetch) -> None:
        self._fetch = fetch
        self._public = public

    async def exchange(self, app: App, code: str, verifier: str, redirect_uri: str) -> Tokens:
        """Tokens for an authorization code (RFC 6749 section 4.1.3, RFC 7636). Raises as `refresh`."""
        values = {"grant_type": "authorization_code", "code": code, "redirect_uri": redirect_uri}
        if app.provider.pkce:
            values["code_verifier"] = verifier
        return await self._ask(app, app.provider.token, values)

    async def refresh(self, app: App, refresh_token: str) -> Tokens:
        """New tokens for a refresh token (RFC 6749 section 6). `refresh` is empty where the old one stays.

        Raises GrantRefused, AppRefused, Later.
        """
        provider = app.provider
        values = {"grant_type": "refresh_token", "refresh_token": refresh_token}
        return await self._ask(app, provider.refresh_url or provider.token, values)

    async def client_credentials(self, app: App, scopes: tuple[str, ...]) -> Tokens:
        """A token for the app itself (RFC 6749 section 4.4). Raises as `refresh`."""
        values = {"grant_type": "client_credentials"}
        if scopes and app.provider.scope_parameter:
            values["scope"] = app.provider.separator.join(scopes)
        return await self._ask(app, app.provider.token, values)

    async def look_up(self, app: App, url: str, headers: Mapping[str, str], *, post: bool = False) -> object:
        """The JSON that a URL of the provider's file answers with; None where it is none. Raises UpstreamFailed."""
        sent = {**app.provider.headers, **headers}
        filled = app.provider.filled(url, app.variables)
        answer = await self._to(url)(Request(filled, headers=sent, method="POST" if post else "GET"))
        return msgspec.json.decode(answer.body) if answer.status == 200 and _is_json(answer) else None

    async def revoke(self, app: App, access: str, refresh: str) -> bool:
        """Gives the tokens back (RFC 7009 and its relatives); whether the provider took them. Raises UpstreamFailed."""
        how = app.provider.revoke
        if how is None:
            return False
        token = refresh if how.hint == "refresh_token" and refresh else access
        headers, values = _presented(app, how.auth, token)
        values |= {how.parameter: token} if how.parameter else {}
        values |= {"token_type_hint": how.hint} if how.hint else {}
        url = app.provider.filled(how.url, {**app.variables, "client_id": quote(app.client_id, safe="")})
        body: dict[str, Any] = {how.body: values} if values else {}
        answer = await self._to(how.url)(Request(url, headers=headers, method=how.method, **body))
        return answer.status < 300

    async def _ask(self, app: App, url: str, values: dict[str, str]) -> Tokens:
        provider = app.provider
        headers, more = _presented(app, provider.client_auth, "")
        sent = {**values, **provider.token_parameters, **more}
        headers = {**provider.headers, **headers}
        body: dict[str, Any] = {provider.body: sent}
        try:
            answer = await self._to(url)(Request(provider.filled(url, app.variables), headers=headers, **body))
        except (UpstreamUnavailable, UpstreamFailed, HostDenied) as fault:
            raise Later(fault.message) from None
        return tokens_of(provider, answer)

    def _to(self, url: str) -> Fetch:
        """Whether a host was typed shows in the URL as the provider's file has it."""
        return self._public if "{" in urlsplit(url).netloc else self._fetch


def tokens_of(provider: Provider, answer: Fetched) -> Tokens:
    """What a token endpoint's answer means. Raises GrantRefused, AppRefused, Later; none repeats the answer."""
    members = _members(answer)
    _refuse(provider, answer, members)
    inner = at(members, provider.token_at) if provider.token_at else members
    if not isinstance(inner, dict) or "access_token" not in inner:
        inner = members
    found = cast("dict[str, Any]", inner)
    access, refresh = str(found.get("access_token") or ""), str(found.get("refresh_token") or "")
    if not _is_token(access) or not (refresh == "" or _is_token(refresh)):
        raise Later(f"{provider.title} answered without a token that can be used.")
    if str(found.get("token_type") or "bearer").lower() not in ("bearer", "user", "bot", "basic", "token"):
        raise Later(f"{provider.title} answered with a token of a kind that is not known.")
    return Tokens(access, refresh, _seconds(found.get("expires_in")) or provider.expires_in, members)


def _presented(app: App, how: str, token: str) -> tuple[dict[str, str], dict[str, str]]:
    """How client (or token) are shown: headers, and members of the body."""
    if how == "basic":  # RFC 6749 section 2.3.1: each form-encoded before they are joined
        pair = f"{quote(app.client_id, safe='')}:{quote(app.client_secret, safe='')}"
        return {"authorization": f"Basic {base64.b64encode(pair.encode()).decode()}"}, {}
    if how == "bearer":
        return {"authorization": f"Bearer {token}"}, {}
    if how == "client":
        return {"authorization": f"Client {app.client_secret}"}, {"client_id": app.client_id}
    if how == "post" and app.client_secret:
        return {}, {"client_id": app.client_id, "client_secret": app.client_secret}
    return {}, ({} if token else {"client_id": app.client_id})


def _is_json(answer: Fetched) -> bool:
    try:
        msgspec.json.decode(answer.body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return False
    return True


def _members(answer: Fetched) -> dict[str, Any]:
    """The members of the answer; none where it is neither JSON nor a form (an HTML page, say)."""
    try:
        return msgspec.json.decode(answer.body, type=dict[str, Any])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        pass
    if b"<" in answer.body[:200]:
        return {}
    try:
        return dict(parse_qsl(answer.body.decode("ascii"), max_num_fields=50))
    except (ValueError, UnicodeDecodeError):
        return {}


def _refuse(provider: Provider, answer: Fetched, members: dict[str, Any]) -> None:
    """Raises where the answer is an error, whatever its status says."""
    word = members.get("error")
    failed = word is not None or members.get("ok") is False or not 200 <= answer.status < 300
    if not failed:
        return
    if answer.status in _BUSY or answer.status >= 500:
        raise Later(f"{provider.title} answered with {answer.status}.", _LATER, _wait(answer))
    if word == "invalid_grant" or word in provider.refused:
        raise GrantRefused(f"{provider.title} no longer accepts the consent ({word}).", "Connect the service again.")
    if isinstance(word, str) and word in _APP_REFUSED:
        raise AppRefused(
            f"{provider.title} refuses Trunkline's OAuth app ({word}).", "An admin must check its client id and secret."
        )
    shown = word if isinstance(word, str) and word.isidentifier() and len(word) <= 40 else f"status {answer.status}"
    raise Later(f"{provider.title} did not answer with a token ({shown}).", _LATER, _wait(answer))


def _is_token(value: str) -> bool:
    """Something that can stand in a header."""
    return 0 < len(value) <= LONGEST_TOKEN and value.isascii() and value.isprintable() and " " not in value


def _seconds(value: object) -> float:
    """`expires_in`, however it is written; 0 for what says nothing."""
    try:
        seconds = float(cast("Any", value))
    except (TypeError, ValueError):
        return 0.0
    return seconds if math.isfinite(seconds) and seconds > 0 else 0.0


def _wait(answer: Fetched) -> float:
    return min(_seconds(answer.headers.get("retry-after")), _LONGEST_WAIT)
