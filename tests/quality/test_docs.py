"""What the pages say exists: commands, settings, error codes, files, links. What is generated is current."""

import re
from pathlib import Path

import pytest

from docs import generate
from tests.quality import tree
from trunkline.cli.main import COMMANDS
from trunkline.contract import Fault
from trunkline.infra.settings import variable_of
from trunkline.programs.settings import KINDS

PAGES = [path for path in tree.files() if path.suffix == ".md"]
LINK = re.compile(r"\]\((?!https?://|mailto:)([^)#\s]*)(?:#([\w-]+))?\)")
VARIABLE = re.compile(r"\bTRUNKLINE_[A-Z_]+\b")


def text_of(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def names_of_settings() -> set[str]:
    return {field for kind in KINDS for field in kind.__struct_fields__} | {"config"}


def anchors(path: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    titles = re.findall(r"^#+ (.+)$", text_of(path), flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("name", generate.PAGES)
def test_a_generated_page_is_what_the_code_says(name: str) -> None:
    assert text_of(tree.ROOT / "docs" / name) == generate.page(name), "run `make docs`"


@pytest.mark.parametrize("path", PAGES, ids=tree.name_of)
def test_every_link_of_a_page_leads_somewhere(path: Path) -> None:
    dead: list[str] = []
    for target, anchor in LINK.findall(text_of(path)):
        aim = (path.parent / target).resolve() if target else path
        if not aim.exists() or (anchor and aim.suffix == ".md" and anchor not in anchors(aim)):
            dead.append(f"{target}#{anchor}")
    assert not dead


def test_every_setting_is_documented() -> None:
    page = text_of(tree.ROOT / "docs" / "settings.md")
    assert not [name for name in names_of_settings() if variable_of(name) not in page]


def test_every_variable_named_on_a_page_or_in_a_script_is_a_setting() -> None:
    known = {variable_of(name) for name in names_of_settings()}
    scripts = [tree.ROOT / "Makefile", tree.ROOT / ".ci" / "run"]
    unknown = {
        f"{tree.name_of(path)}: {name}" for path in (*PAGES, *scripts) for name in VARIABLE.findall(text_of(path))
    }
    assert not {use for use in unknown if use.partition(": ")[2] not in known}


def test_every_error_code_is_documented() -> None:
    page = text_of(tree.ROOT / "docs" / "errors.md")
    assert not [kind.code for kind in generate.faults(Fault) if f"| `{kind.code}` |" not in page]


def test_every_make_target_named_on_a_page_exists() -> None:
    targets = set(re.findall(r"^([\w-]+):", text_of(tree.ROOT / "Makefile"), flags=re.MULTILINE))
    named = {name for path in PAGES for name in re.findall(r"\bmake ([a-z][\w-]*)`", text_of(path))}
    assert named <= targets


def test_every_command_named_on_a_page_exists() -> None:
    named = {
        (tree.name_of(path), name)
        for path in PAGES
        for name in re.findall(r"(?:`|^\$ |^)trunkline ([a-z]+)\b", text_of(path), flags=re.MULTILINE)
    }
    assert not {(page, name) for page, name in named if name not in COMMANDS}


def test_every_file_of_ours_named_on_a_page_exists() -> None:
    named = {
        (tree.name_of(path), name)
        for path in PAGES
        for name in re.findall(r"\b(?:tests|docs|src|bench|tools|requirements)/[\w/.-]+\.\w+\b", text_of(path))
    }
    assert not {(page, name) for page, name in named if not (tree.ROOT / name).exists()}
