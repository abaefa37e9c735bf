"""Every security case of security_cases.toml is named by a test."""

import re
import tomllib
from collections.abc import Iterator

from tests.quality import tree

_TABLE = tree.ROOT / "tests" / "quality" / "security_cases.toml"
_NAMED = re.compile(r"\b(?:test_)?([bcdg]\d\d)(?=_|\b)|(?<=_)([bcdg]\d\d)(?=_)", re.IGNORECASE)
_RANGE = re.compile(r"\b([BCDG])(\d\d) to \1(\d\d)\b")


def named() -> Iterator[str]:
    """The cases that tests name: `test_d16_…`, `"B06."`, `# D08, D09`, `B02 to B05`."""
    for path in sorted((tree.ROOT / "tests").rglob("test_*.py")):
        lines = path.read_text(encoding="utf-8").splitlines()
        for line in (each for each in lines if "def test_" in each or '"""' in each or "# " in each):
            for letter, first, last in _RANGE.findall(line):
                yield from (f"{letter}{number:02}" for number in range(int(first), int(last) + 1))
            yield from (one.upper() for found in _NAMED.findall(line) for one in found if one)


def test_every_case_has_a_test() -> None:
    cases = tomllib.loads(_TABLE.read_text(encoding="utf-8"))
    assert sorted(cases.keys() - set(named())) == []
