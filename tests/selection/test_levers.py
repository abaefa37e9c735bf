"""Each part of the search can be left out, so that the benchmark says what it is worth."""

from pathlib import Path
from typing import get_args

import pytest

from tests.selection.conftest import SERVICES, TOOLS, indexed
from trunkline.selection.blend import Lever
from trunkline.selection.index import Index

REQUEST = "Create a GitHub issue and notify the team on Slack"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("index")
    indexed(home, SERVICES, TOOLS)
    return home


def first(folder: Path, request: str, *without: Lever) -> str:
    return Index.open(folder, frozenset(without)).search(request).hits[0].name


@pytest.mark.parametrize("lever", get_args(Lever))
def test_a_search_without_one_of_its_parts_still_finds(folder: Path, lever: Lever) -> None:
    assert first(folder, "post a message to a channel on slack", lever)


def test_without_clauses_the_request_is_one(folder: Path) -> None:
    assert len(Index.open(folder).search(REQUEST).clauses) == 2
    assert Index.open(folder, frozenset(("clauses",))).search(REQUEST).clauses == (REQUEST,)


def test_without_correction_a_misspelt_word_stays(folder: Path) -> None:
    assert Index.open(folder).search("merge the pull reqeust").clauses == ("merge the pull request",)
    assert Index.open(folder, frozenset(("spelling",))).search("merge the pull reqeust").clauses == (
        "merge the pull reqeust",
    )


def test_without_vectors_no_score_speaks_of_meaning(folder: Path) -> None:
    (hit, *_) = Index.open(folder, frozenset(("vectors",))).search(REQUEST).hits
    assert not {"meaning", "asked", "service fit"} & hit.parts.keys()
