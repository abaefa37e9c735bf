"""The size ratchet: what grows past a limit fails, what was excused must shrink."""

import tomllib
from pathlib import Path

from tests.quality import tree

FILE_LIMIT = 300
TEST_FILE_LIMIT = 500
FUNCTION_LIMIT = 50
PARAMETER_LIMIT = 6
EXCEPTIONS = Path(__file__).with_name("exceptions.toml")


def excused() -> dict[str, int]:
    return tomllib.loads(EXCEPTIONS.read_text(encoding="utf-8"))


def oversized() -> dict[str, int]:
    return {name: size for name, (size, limit) in measured().items() if size > limit}


def measured() -> dict[str, tuple[int, int]]:
    """Name -> size in lines and limit, of every file and function."""
    sizes: dict[str, tuple[int, int]] = {}
    for path in tree.python_files():
        name = tree.name_of(path)
        limit = TEST_FILE_LIMIT if name.startswith("tests/") else FILE_LIMIT
        sizes[name] = (len(path.read_text(encoding="utf-8").splitlines()), limit)
        for function, node in tree.functions(tree.parsed(path)):
            sizes[f"{name}::{function}"] = ((node.end_lineno or node.lineno) - node.lineno + 1, FUNCTION_LIMIT)
    return sizes


def test_nothing_is_larger_than_its_limit_or_its_exception() -> None:
    allowed = excused()
    grown = {name: size for name, size in oversized().items() if size > allowed.get(name, 0)}
    assert not grown, f"split these, in lines: {grown}"


def test_every_exception_is_still_needed_and_says_the_size_of_today() -> None:
    today = oversized()
    stale = {name: today.get(name, "no longer needed") for name, size in excused().items() if today.get(name) != size}
    assert not stale, f"write these down as they are now: {stale}"


def test_constructors_take_few_parameters() -> None:
    many: dict[str, int] = {}
    for path in tree.python_files(tree.ROOT / "src"):
        for function, node in tree.functions(tree.parsed(path)):
            count = len(node.args.posonlyargs) + len(node.args.args) + len(node.args.kwonlyargs) - 1
            if node.name == "__init__" and count > PARAMETER_LIMIT:
                many[f"{tree.name_of(path)}::{function}"] = count
    assert not many, f"more than {PARAMETER_LIMIT} parameters is a missing object: {many}"
