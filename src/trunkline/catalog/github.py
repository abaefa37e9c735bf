"""Reads one file of a public GitHub repository at a commit. Build time only."""

import urllib.error
import urllib.parse
import urllib.request  # noqa: TID251 - a build step with no event loop, to one fixed host

from trunkline.catalog import bounded
from trunkline.catalog.lock import SourceId
from trunkline.contract import UpstreamFailed

_SECONDS = 60


def read(source: SourceId, version: str) -> bytes:
    """The file. Raises UpstreamFailed."""
    path = urllib.parse.quote(f"{source.origin}/{version}/{source.path}")
    try:
        with urllib.request.urlopen(f"https://raw.githubusercontent.com/{path}", timeout=_SECONDS) as answer:  # noqa: TID251 - see above
            return bounded.read(answer, str(source))
    except (urllib.error.URLError, TimeoutError) as error:
        hint = "Check the network, or set TRUNKLINE_SPEC_MIRROR to a folder with copies."
        raise UpstreamFailed(f"github:{source.origin}:{source.path} cannot be fetched: {error}", hint) from error
