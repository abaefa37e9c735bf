"""The graph of a service, drawn."""

import json
from pathlib import Path

import pytest

from trunkline.cli.graph import flowchart
from trunkline.cli.main import run

Text = pytest.CaptureFixture[str]


def test_a_service_is_drawn_as_a_tree_a_flowchart_and_json(
    capsys: Text, monkeypatch: pytest.MonkeyPatch, catalog_folder: Path, tmp_path: Path
) -> None:
    monkeypatch.setenv("TRUNKLINE_DATA_DIR", str(tmp_path))
    (tmp_path / "catalog").symlink_to(catalog_folder)
    assert run(["graph", "slack"]) == 0
    assert "slack_list_conversations" in capsys.readouterr().out
    assert run(["graph", "slack", "--mermaid"]) == 0
    assert "  slack_list_conversations --> slack_post_message\n" in capsys.readouterr().out
    assert run(["graph", "slack", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["slack_post_message"] == ["slack_list_conversations"]


def test_a_service_without_needs_is_an_empty_flowchart() -> None:
    assert flowchart({}) == "flowchart LR"
