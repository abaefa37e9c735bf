"""What must not stand in any tracked file."""

import ast
import re
import subprocess
from pathlib import Path

import pytest

from tests.quality import tree

# A path of somebody's machine, written apart here so that this file does not hold one itself.
MACHINE_PATHS = re.compile(r"(?<![\w.-])/(?:" + "|".join(["root", r"home/(?!app\b)\w+", "work", "Users/\\w+"]) + ")/")
REGISTRY_HOSTS = re.compile(
    "|".join([r"pypi" + r"\.org", r"python" + "hosted", r"registry\.npm" + "js", r"deb\.deb" + "ian"])
)
SECRETS = re.compile(
    r"\b(?:gh[pousr]_[A-Za-z0-9]{36}|xox[baprs](?:-\d{9,}){2,3}-\w{20,}|sk_live_\w{20,}|AKIA[0-9A-Z]{16})\b"
)
# reportUnknown… is its own reason: data whose shape nobody declares is being read.
IGNORES = re.compile(
    r"#\s*(?:type|pyright):\s*ignore(?!\[reportUnknown\w+(?:,\s*reportUnknown\w+)*\])"
    r"(?P<rule>\[[\w, -]+\])?(?P<reason>\s+-\s+\S.*)?"
)
NOQA = re.compile(r"#\s*noqa(?P<rule>:\s*[A-Z]+\d+(?:,\s*[A-Z]+\d+)*)?(?P<reason>\s+-\s+\S.*)?")


def lines_with(pattern: re.Pattern[str]) -> list[str]:
    return [
        f"{tree.name_of(path)}:{number}"
        for path in tree.files()
        for number, line in enumerate(text_of(path).splitlines(), 1)
        if pattern.search(line)
    ]


def text_of(path: Path) -> str:
    """The file's text; "" for a binary file."""
    content = path.read_bytes()
    return "" if b"\0" in content[:8192] else content.decode("utf-8")


def configured_hosts() -> set[str]:
    """Hosts of the package registries that this machine's clients are set up with."""
    commands = (["pip", "config", "list"], ["npm", "config", "get", "registry"])
    said = "".join(output_of(command) for command in commands)
    return {host for host in re.findall(r"https?://(?:[^@/\s']+@)?([\w.-]+)", said) if host != "localhost"}


def output_of(command: list[str]) -> str:
    try:
        return subprocess.run(command, capture_output=True, text=True, check=False, timeout=30).stdout
    except FileNotFoundError:
        return ""


def test_no_file_names_a_path_of_somebodys_machine() -> None:
    assert not lines_with(MACHINE_PATHS)


def test_no_file_names_a_package_registry() -> None:
    assert not lines_with(REGISTRY_HOSTS)
    assert not [line for host in configured_hosts() for line in lines_with(re.compile(re.escape(host)))]


def test_no_file_holds_what_looks_like_a_real_secret() -> None:
    assert not lines_with(SECRETS)


@pytest.mark.parametrize("pattern", [IGNORES, NOQA], ids=["type checker", "linter"])
def test_whoever_silences_a_checker_names_the_rule_and_says_why(pattern: re.Pattern[str]) -> None:
    bare = [
        f"{tree.name_of(path)}:{number}"
        for path in (*tree.python_files(tree.ROOT / "src"), *tree.python_files(tree.ROOT / "bench"))
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if (found := pattern.search(line)) and not (found["rule"] and found["reason"])
    ]
    assert not bare, f"write `# noqa: RULE - why` or `# pyright: ignore[rule] - why`: {bare}"


def test_a_broken_file_is_not_mistaken_for_a_stub() -> None:
    """Code that only says it will be written later is not in the tree."""
    stubs = [
        f"{tree.name_of(path)}:{node.lineno}"
        for path in tree.python_files(tree.ROOT / "src")
        for node in ast.walk(tree.parsed(path))
        if isinstance(node, ast.Raise) and node.exc is not None and "NotImplementedError" in ast.dump(node.exc)
    ]
    assert not stubs


def test_tests_replace_nothing_under_the_code() -> None:
    """If a test needs to patch, the code lacks a seam. Environment variables are a seam."""
    patches = [
        f"{tree.name_of(path)}:{node.lineno}"
        for path in tree.python_files(tree.ROOT / "tests")
        for node in ast.walk(tree.parsed(path))
        if isinstance(node, ast.Call) and tree.called(node) in {"monkeypatch.setattr", "monkeypatch.setitem"}
    ]
    assert not patches
