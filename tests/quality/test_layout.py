"""Tests stand where their subject stands."""

from pathlib import Path

from tests.quality import tree

TESTS = tree.ROOT / "tests"
# Folders of tests that have no room of their own: what they are about is the whole.
WHOLE = {"quality", "conformance", "journeys", "support", "tools"}


def folders_of_tests() -> dict[str, list[Path]]:
    folders: dict[str, list[Path]] = {}
    for path in tree.python_files(TESTS):
        inside = path.relative_to(TESTS)
        if len(inside.parts) > 1:
            folders.setdefault(inside.parts[0], []).append(path)
    return folders


def test_every_folder_of_tests_is_named_after_a_room() -> None:
    unknown = folders_of_tests().keys() - tree.rooms() - WHOLE
    assert not unknown, f"no such room: {unknown}"


def test_every_room_has_tests() -> None:
    tested = {room for room, paths in folders_of_tests().items() if any(p.name.startswith("test_") for p in paths)}
    untested = tree.rooms() - tested
    assert not untested


def test_a_test_file_can_be_told_from_its_helpers() -> None:
    """A file with tests that pytest does not collect proves nothing."""
    lost = {
        tree.name_of(path)
        for path in tree.python_files(TESTS)
        if not path.name.startswith("test_")
        and any(name.startswith("test_") for name, _ in tree.functions(tree.parsed(path)))
    }
    assert not lost, f"pytest collects test_*.py only: {lost}"
