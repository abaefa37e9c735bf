"""Where an authorization response may be sent: which redirect URIs a client may have, and which one it asks for.

Matching is by equality of strings, but for the port of a loopback address, which an application learns only when it has
opened it (RFC 8252 section 7.3, RFC 9700 section 4.1.3).
"""

import re
from collections.abc import Iterable
from typing import Final
from urllib.parse import SplitResult, unquote, urlsplit

from trunkline.identity.oauth.faults import OAuthFault
from trunkline.identity.origin import split
from trunkline.infra.http.addresses import is_numeric

_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "[::1]"})
_PRIVATE: Final = frozenset({"cursor", "vscode", "vscode-insiders"})  # schemes of applications that are known to us
_HOST: Final = re.compile(r"(?=.{1,253}$)[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)+")
_CHARACTERS: Final = re.compile(r"[A-Za-z0-9\-._~:/?\[\]!$&'()+,;=%]+")  # of RFC 3986, without "#", "@" and "*"
_LONGEST: Final = 2048


def check(uri: str) -> str:
    """`uri`, if a client may have it as redirect URI. Raises OAuthFault (invalid_redirect_uri)."""
    if len(uri) > _LONGEST or not _CHARACTERS.fullmatch(uri):
        raise _refused("it holds characters that a redirect URI has not, or is too long")
    parts = urlsplit(uri)
    if uri[: len(parts.scheme)] != parts.scheme or not uri.startswith(f"{parts.scheme}://"):
        raise _refused("its scheme is not understood")
    if any(segment in (".", "..") for segment in _decoded(parts.path).split("/")):
        raise _refused("its path has dot segments")
    if parts.scheme not in _PRIVATE:
        _check_host(parts)
    elif not parts.netloc or ":" in parts.netloc:
        raise _refused("a private-use URI needs a host, without a port")
    return uri


def match(uri: str, registered: Iterable[str]) -> bool:
    """Whether `uri` is one of the registered ones, a loopback's port aside."""
    known = frozenset(registered)
    if uri in known:
        return True
    bare = _without_port(uri)
    return bare is not None and any(_without_port(each) == bare for each in known)


def is_loopback(uri: str) -> bool:
    """Whether the response goes to an application on the user's own machine: any of them may listen there."""
    parts = urlsplit(uri)
    return parts.scheme == "http" and split(parts.netloc)[0] in _LOOPBACK


def is_web(uri: str) -> bool:
    """Whether the response goes to a host of the Web, whose name says who gets it."""
    return urlsplit(uri).scheme == "https"


def host_of(uri: str) -> str:
    """What a person is shown of it."""
    parts = urlsplit(uri)
    return parts.netloc if parts.scheme in ("http", "https") else f"{parts.scheme}:"


def origin_of(uri: str) -> str:
    """As a source of a Content-Security-Policy (form-action)."""
    parts = urlsplit(uri)
    return f"{parts.scheme}://{parts.netloc}" if parts.scheme in ("http", "https") else f"{parts.scheme}:"


def _check_host(parts: SplitResult) -> None:
    name, port = split(parts.netloc)
    if port and not (port.isdigit() and 0 < int(port) < 65536):
        raise _refused("its port is not one")
    if name in _LOOPBACK and parts.scheme == "http":
        return
    if parts.scheme != "https":
        raise _refused("it is not https, nor http on the loopback, nor of an application that is known here")
    if name not in _LOOPBACK and (not _HOST.fullmatch(name) or is_numeric(name)):
        raise _refused("its host is not a name in lower case")


def _decoded(path: str) -> str:
    """`path` with every layer of percent-encoding off, as the laxest server may read it."""
    while (decoded := unquote(path)) != path:
        path = decoded
    return path.replace("\\", "/")


def _without_port(uri: str) -> str | None:
    """None for what is no loopback URI."""
    if not is_loopback(uri) or not _CHARACTERS.fullmatch(uri):
        return None
    parts = urlsplit(uri)
    name, port = split(parts.netloc)
    if port and not (port.isdigit() and 0 < int(port) < 65536):
        return None
    return uri.replace(parts.netloc, name, 1)


def _refused(why: str) -> OAuthFault:
    return OAuthFault("invalid_redirect_uri", f"The redirect URI is not accepted: {why}.")
