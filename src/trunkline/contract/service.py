"""A service (one integration) as the compiled catalog knows it."""

from enum import StrEnum

import msgspec

from trunkline.contract.categories import Category


class AuthKind(StrEnum):
    """How a credential is presented. OAuth 2 access tokens are presented as BEARER."""

    BEARER = "bearer"  # RFC 6750
    BASIC = "basic"  # RFC 7617
    API_KEY = "api_key"  # one named value in a header, the query or a cookie
    SIGV4 = "sigv4"  # AWS Signature Version 4, with a long-lived access key
    SIGV4_SESSION = "sigv4_session"  # the same, with a temporary one


class AuthScheme(msgspec.Struct, frozen=True, omit_defaults=True):
    """One way to present a credential to a service.

    `fields` names the secret values a connection must hold: ("token",) for BEARER, ("username", "password") for
    BASIC, an access key for SIGV4, one field per key for API_KEY. An API_KEY scheme with several keys (Trello: key and
    token) lists them all.
    """

    kind: AuthKind
    keys: tuple["KeyPlace", ...] = ()  # API_KEY only
    prefix: str = ""  # API_KEY in a header: put before the value, with its blank ("Bot ", "Token ")
    oauth2: str = ""  # from an OAuth 2 provider family: its id. BEARER, or API_KEY where the token goes elsewhere
    scopes: tuple[str, ...] = ()

    @property
    def fields(self) -> tuple[str, ...]:
        if self.kind is AuthKind.BEARER:
            return ("token",)
        if self.kind is AuthKind.BASIC:
            return ("username", "password")
        if self.kind in (AuthKind.SIGV4, AuthKind.SIGV4_SESSION):
            key = ("access_key_id", "secret_access_key")
            return key if self.kind is AuthKind.SIGV4 else (*key, "session_token")
        return tuple(key.field for key in self.keys)


class KeyPlace(msgspec.Struct, frozen=True):
    """Where one API key goes: `field` of the connection into `name` of the request's header, query, cookie or path."""

    field: str
    location: str  # header | query | cookie | path: a hole {name} of base_url (Telegram)
    name: str


class Variable(msgspec.Struct, frozen=True, omit_defaults=True):
    """A typed hole in a tenant's host or base URL. Every value must match `pattern` whole (or be one of `enum`)."""

    pattern: str = "[a-z0-9-]+"
    default: str = ""
    enum: tuple[str, ...] = ()
    description: str = ""


class Service(msgspec.Struct, frozen=True, omit_defaults=True):
    """One integration: identity, where it lives, how to authenticate, what the catalog holds of it."""

    id: str  # [a-z0-9-], no underscore: the part of a tool's wire name before the first "_"
    title: str
    summary: str
    category: Category
    base_url: str  # https://host/prefix, may hold {variables}; no trailing slash
    hosts: tuple[str, ...]  # the egress allow-list, may hold {variables}
    auth: tuple[AuthScheme, ...] = ()  # in order of preference; empty: no credential is needed
    variables: dict[str, Variable] = {}
    verify: str = ""  # wire name of a read tool without arguments that needs a good credential
    headers: dict[str, str] = {}  # constant request headers (a version header, say)
    aliases: tuple[str, ...] = ()  # other names people use
    vendor: str = ""  # whose it is: an id that all integrations of one company share
    family: str = ""  # services of one family are connected together: one credential serves them all
    tools: int = 0
    digest: str = ""  # sha256 of the compiled rows: changes when they do

    @property
    def connection(self) -> str:
        """What its connection is kept under."""
        return self.family or self.id
