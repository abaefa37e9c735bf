"""The `auth` entries of a manifest."""

import msgspec

from trunkline.contract import AuthKind, AuthScheme, KeyPlace

_PLACES = ("header", "query", "cookie", "path")


class KeyEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One key: exactly one place. `path` is the name of a {hole} in base_url."""

    header: str = ""
    query: str = ""
    cookie: str = ""
    path: str = ""
    field: str = ""

    def place(self) -> KeyPlace:
        given = [(place, getattr(self, place)) for place in _PLACES if getattr(self, place)]
        if len(given) != 1:
            raise ValueError("auth: a key needs exactly one of header, query, cookie, path")
        ((location, name),) = given
        return KeyPlace(self.field or _field_name(name), location, name)


class AuthEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`{oauth2: github, scopes: [repo]}`, `{header: X-Api-Key}`, `{keys: [{query: key}, {query: token}]}`.

    `{oauth2: shopify, header: X-Token}` is an OAuth 2 token that goes elsewhere than into Authorization. `base_url` is
    where such a credential is good, if that is not the service's.
    """

    oauth2: str = ""
    scopes: tuple[str, ...] = ()
    header: str = ""
    query: str = ""
    cookie: str = ""
    path: str = ""
    field: str = ""
    prefix: str = ""
    keys: tuple[KeyEntry, ...] = ()
    base_url: str = ""


def scheme_of(entry: str | AuthEntry) -> AuthScheme:
    """The scheme that an entry means. Raises ValueError if it means none or several."""
    if isinstance(entry, str):
        return AuthScheme(AuthKind(entry))
    single = KeyEntry(entry.header, entry.query, entry.cookie, entry.path, entry.field)
    has_key = any((entry.header, entry.query, entry.cookie, entry.path))
    if bool(entry.keys) + has_key > 1 or not (entry.oauth2 or entry.keys or has_key) or (entry.oauth2 and entry.keys):
        raise ValueError("auth: an entry is bearer, basic, sigv4, sigv4_session, {oauth2: …}, one key or {keys: […]}")
    if entry.oauth2 and not has_key:
        return AuthScheme(AuthKind.BEARER, oauth2=entry.oauth2, scopes=entry.scopes, base_url=entry.base_url)
    places = tuple(key.place() for key in entry.keys or (single,))
    return AuthScheme(AuthKind.API_KEY, places, entry.prefix, entry.oauth2, entry.scopes, entry.base_url)


def _field_name(name: str) -> str:
    if name.lower() == "authorization":
        return "api_key"
    return name.lower().replace("-", "_").replace(" ", "_")
