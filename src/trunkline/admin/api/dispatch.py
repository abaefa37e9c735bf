"""The table, served: who asks is found out, may they is decided, and then the endpoint's handler runs."""

from collections.abc import Iterable
from functools import partial
from hmac import compare_digest
from typing import Any, Final

import msgspec

from trunkline.admin.api.endpoint import JSON, Endpoint
from trunkline.admin.api.openapi import document
from trunkline.admin.site import Access, Request, Response, Route, from_our_page, status_of
from trunkline.contract import Fact, Fault, PolicyDenied, Unauthenticated
from trunkline.identity.ports import Browsers, KeyHolder, KeyHolders, SignedIn
from trunkline.identity.roles import reaches

PREFIX: Final = "/api/v1"
_CSRF: Final = b"x-csrf-token"
_BEARER: Final = "bearer"


class Problem(msgspec.Struct, frozen=True):
    """What every answer that is no success says: `code` as in docs/errors.md."""

    code: str
    message: str
    hint: str
    retryable: bool


class Api:
    """`origin` is ours: a browser's request that changes something must come from a page of ours, with its token."""

    def __init__(self, endpoints: Iterable[Endpoint], browsers: Browsers, keys: KeyHolders, origin: str) -> None:
        self.endpoints = tuple(endpoints)
        self._browsers = browsers
        self._keys = keys
        self._origin = origin.encode()
        self._document = document(self.endpoints, PREFIX, Problem)

    def routes(self) -> Iterable[Route]:
        yield Route("GET", f"{PREFIX}/openapi.json", Access.API, self._describe)
        for endpoint in self.endpoints:
            yield Route(endpoint.method, PREFIX + endpoint.path, Access.API, partial(self._serve, endpoint))

    async def _describe(self, _request: Request) -> Response:
        return _json(self._document)

    async def _serve(self, endpoint: Endpoint, request: Request) -> Response:
        try:
            holder = await self._holder(endpoint, request)
            _check(endpoint, holder)
            answer = await endpoint.handler(holder.user, endpoint.read(request))
        except Fault as fault:
            return _problem(fault)
        if endpoint.media != JSON:
            return Response(200, headers=((b"content-type", endpoint.media.encode()),), stream=answer)
        return _json(answer)

    async def _holder(self, endpoint: Endpoint, request: Request) -> KeyHolder:
        """Raises Unauthenticated, PolicyDenied. With an `Authorization` header the cookie is not looked at."""
        given = request.headers.get(b"authorization")
        if given is not None:
            scheme, _, token = given.decode("latin-1").partition(" ")
            holder = await self._keys.holder(token.strip()) if scheme.lower() == _BEARER else None
            if holder is None:
                raise Unauthenticated(
                    "The API key is not valid here.", "Make one without toolsets on your account page."
                )
            return holder
        user = await self._browsers.signed_in(request.scope)
        if user is None:
            raise Unauthenticated("You are not signed in.", "Send 'Authorization: Bearer <API key>', or sign in.")
        if not endpoint.safe:
            self._check_page(request, user)
        return KeyHolder(user)

    def _check_page(self, request: Request, user: SignedIn) -> None:
        sent = request.headers.get(_CSRF, b"")
        if not from_our_page(request, self._origin) or not compare_digest(sent, user.csrf.encode()):
            raise PolicyDenied("The request was not sent from a page of Trunkline.", "Open the page and try again.")


def _check(endpoint: Endpoint, holder: KeyHolder) -> None:
    """Raises PolicyDenied."""
    if not reaches(holder.user.role, endpoint.role):
        raise PolicyDenied("Your role may not do this.", f"It takes the role {endpoint.role}.")
    if holder.read_only and not endpoint.safe:
        raise PolicyDenied("This API key only reads.", "Make one that may change things.")


def _problem(fault: Fault) -> Response:
    status, fact = status_of(fault), fault.fact()
    answer = _json(_of(fact), status)
    return answer.with_headers((b"www-authenticate", b"Bearer")) if status == 401 else answer


def _of(fact: Fact) -> Problem:
    return Problem(fact.code, fact.message, fact.hint, fact.retryable)


def _json(value: Any, status: int = 200) -> Response:
    return Response(status, msgspec.json.encode(value), ((b"content-type", JSON.encode()),))
