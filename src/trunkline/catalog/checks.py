"""What must hold of a manifest beyond its types. Each check raises ValueError naming the field."""

import re
from collections.abc import Iterable, Mapping, Sequence
from urllib.parse import urlsplit

from trunkline.contract import Variable

HOLE = re.compile(r"\{([^{}]*)\}")
_HOST = re.compile(r"(?:\*\.)?(?:[a-z0-9-]|\{[A-Za-z0-9_]+\})+(?:\.(?:[a-z0-9-]|\{[A-Za-z0-9_]+\})+)*(?::\d+)?")


def check_hosts(hosts: Sequence[str]) -> None:
    """At least one, each a host name that may have holes."""
    if not hosts:
        raise ValueError("hosts: at least one host")
    for number, host in enumerate(hosts):
        if not _HOST.fullmatch(host):
            raise ValueError(f"hosts[{number}]: {host!r} is not a host name in lower case")


def check_base_url(base_url: str, hosts: Sequence[str]) -> None:
    """An http(s) URL at one of `hosts`."""
    url = urlsplit(base_url)
    if url.scheme not in ("https", "http") or url.query or url.fragment:
        raise ValueError(f"base_url: {base_url!r} must be an http(s) URL without query and fragment")
    if url.netloc not in hosts:
        raise ValueError(f"base_url: its host {url.netloc!r} is not one of hosts")


def check_variables(variables: Mapping[str, Variable], texts: Iterable[str], others: Iterable[str]) -> None:
    """Every hole of `texts` is one of `variables` or of `others`; patterns can be read, and admit what is given."""
    known = {*variables, *others}
    for text in texts:
        for hole in HOLE.findall(text):
            if hole not in known:
                raise ValueError(f"variables: {{{hole}}} is used in {text!r} but not declared")
    for name, variable in variables.items():
        try:
            pattern = re.compile(variable.pattern)
        except re.error as error:
            raise ValueError(f"variables.{name}.pattern: not a regular expression: {error}") from error
        for value in filter(None, (variable.default, variable.example)):
            if not (value in variable.enum if variable.enum else pattern.fullmatch(value)):
                raise ValueError(f"variables.{name}: {value!r} is none of the values it admits")
