"""Puts a transcript of `trunkline demo` into README.md, between its markers: `make readme`."""

import os
import re
import subprocess
import sys
from pathlib import Path

README = Path(__file__).parent.parent / "README.md"
BEGIN = "<!-- demo: written by `make readme` -->"
END = "<!-- end of demo -->"
_WIDTH = "110"
_SECONDS = 120


def transcript() -> str:
    """What the demo prints, on a terminal as wide as the page. Raises CalledProcessError if it fails."""
    done = subprocess.run(
        [sys.executable, "-m", "trunkline", "demo"],
        env=os.environ | {"COLUMNS": _WIDTH, "TERM": "dumb"},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        timeout=_SECONDS,
    )
    return done.stdout.strip("\n")


def shown(text: str) -> str:
    """The transcript in the page; empty if there is none."""
    found = re.search(rf"{re.escape(BEGIN)}\n```text\n(.*?)\n```\n{re.escape(END)}", text, flags=re.DOTALL)
    return found.group(1) if found else ""


def with_transcript(text: str, demo: str) -> str:
    head, _, rest = text.partition(BEGIN)
    _, _, tail = rest.partition(END)
    return f"{head}{BEGIN}\n```text\n$ trunkline demo\n{demo}\n```\n{END}{tail}"


def main() -> None:
    README.write_text(with_transcript(README.read_text("utf-8"), transcript()), encoding="utf-8")


if __name__ == "__main__":
    main()
