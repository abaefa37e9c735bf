"""Pins sources in modules/sources.lock: `python tools/manifests/pin.py 1.44.8 pypi:<package>:<member>`.

TRUNKLINE_SPEC_MIRROR names the folder that github: sources are read from, if it is set.
"""

import argparse
import os
from pathlib import Path

from trunkline.catalog.lock import Lock
from trunkline.catalog.relock import relock
from trunkline.catalog.sources import Sources


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("version", help="of the package, or the commit of the repository")
    parser.add_argument("source", nargs="+", help="npm:…, pypi:… or github:…, without a version")
    options = parser.parse_args()
    versions = {str(source): str(options.version) for source in options.source}
    mirror = os.environ.get("TRUNKLINE_SPEC_MIRROR")
    lock = Lock.load()
    sources = Sources(Path(".cache/downloads"), Path(mirror) if mirror else None, lock=lock)
    relock(lock, sources, versions).save()


if __name__ == "__main__":
    main()
