from pathlib import Path

import pytest

from trunkline.catalog.manifests import Manifests
from trunkline.catalog.usage import Usage
from trunkline.contract import InvalidManifest


def write(folder: Path, name: str, text: str) -> None:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def test_phrases_are_read_for_categories_services_and_tools(tmp_path: Path) -> None:
    write(tmp_path, "code/usage.yaml", "category: [review code]\nservices:\n  github: [host a repository]\n")
    write(tmp_path, "code/usage/github.yaml", "create_issue: [report a bug, open a ticket]\n")
    usage = Usage.load(tmp_path)
    assert usage.categories == {"code": ("review code",)}
    assert usage.of_service("github") == ("host a repository",)
    assert usage.of_tool("github_create_issue") == ("report a bug", "open a ticket")


def test_what_nobody_wrote_of_has_no_phrases(tmp_path: Path) -> None:
    assert Usage.load(tmp_path).of_tool("github_create_issue") == ()
    assert Usage.load(tmp_path).of_service("github") == ()


@pytest.mark.parametrize("text", ["services: [github]", "category: 1", "other: []", "- [\n"])
def test_a_file_of_another_form_is_named(tmp_path: Path, text: str) -> None:
    write(tmp_path, "code/usage.yaml", text)
    with pytest.raises(InvalidManifest, match=r"code/usage\.yaml"):
        Usage.load(tmp_path)


def test_phrases_are_no_manifest(tmp_path: Path) -> None:
    write(tmp_path, "code/usage.yaml", "category: [review code]\n")
    assert not Manifests.load(tmp_path).problems


def test_every_phrase_is_of_a_service_that_exists() -> None:
    usage = Usage.load()
    assert usage.services.keys() <= Manifests.load().by_id.keys()
    assert {name.partition("_")[0] for name in usage.tools} <= Manifests.load().by_id.keys()
