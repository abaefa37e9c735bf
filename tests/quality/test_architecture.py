"""docs/architecture.md says what the code is."""

import re
import tomllib

from tests.quality import tree
from trunkline.contract import CATEGORIES

PAGE = (tree.ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
PROJECT = tomllib.loads((tree.ROOT / "pyproject.toml").read_text(encoding="utf-8"))
LAYERS = next(contract for contract in PROJECT["tool"]["importlinter"]["contracts"] if contract["id"] == "layers")


def block(kind: str) -> list[str]:
    """The lines of the fenced block of that kind."""
    found = re.search(rf"^```{kind}\n(.*?)^```$", PAGE, flags=re.MULTILINE | re.DOTALL)
    assert found, f"docs/architecture.md has no block `{kind}`"
    return found[1].splitlines()


def names(line: str) -> frozenset[str]:
    return frozenset(re.findall(r"\w+", line))


def test_the_table_of_rooms_is_the_tree() -> None:
    described = re.findall(r"^\| `(\w+)` \| \w", PAGE, flags=re.MULTILINE)
    assert len(described) == len(set(described))
    assert set(described) == tree.rooms()


def test_the_direction_of_imports_is_the_contract() -> None:
    built = tree.rooms()
    enforced = [layer for line in LAYERS["layers"] if (layer := names(line) & built)]
    assert [names(line) for line in block("imports")] == enforced


def test_every_file_in_the_picture_of_a_call_exists() -> None:
    drawn = re.findall(r"\b[a-z]+(?:/[a-z_]+)*/(?:[a-z_]+\.py)?", "\n".join(block("call")))
    assert len(drawn) > 10
    missing = [name for name in drawn if not (tree.SOURCE / name).exists()]
    assert not missing


def test_the_ten_categories_are_those_of_the_contract() -> None:
    assert f"`{' '.join(CATEGORIES)}`" in PAGE
