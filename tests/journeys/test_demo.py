"""The demo does the job, and the README shows what it really prints."""

import json
import re
from pathlib import Path

import pytest

from docs import readme
from tests.support.gateway import prepare, trunkline

SECONDS = 60


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, catalog_folder: Path) -> Path:
    made = tmp_path_factory.mktemp("demo")
    prepare(made, catalog_folder)
    return made


def outline(transcript: str) -> list[str]:
    """The lines that are not indented, without their numbers."""
    return [re.sub(r"\d[\d,.]*", "N", line) for line in transcript.splitlines() if line.strip() and line[0] != " "]


@pytest.mark.timeout(SECONDS)
def test_the_demo_finds_describes_and_calls_two_tools_and_the_sandbox_accepts_both_requests(folder: Path):
    done = trunkline(folder, "demo", "--json", seconds=SECONDS)
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    report = result["report"]
    calls = report["conversation"]["calls"]
    assert [call["tool"] for call in calls] == ["github_create_issue", "slack_post_message"]
    assert [entry["verdict"] for entry in report["verdicts"]] == ["ok", "ok"]
    assert [entry["host"] for entry in report["verdicts"]] == ["api.github.com", "slack.com"]
    assert report["audit"] == {"rows": 5, "intact": True}  # open, and an intent and an outcome for each call
    assert result["good"] is True


@pytest.mark.timeout(SECONDS)
def test_the_conversation_costs_a_hundredth_of_listing_every_tool_at_most(folder: Path):
    report = json.loads(trunkline(folder, "demo", "--json", seconds=SECONDS).stdout)["report"]
    ledger = report["ledger"]
    assert ledger["this_conversation"] == sum(
        step["asked"] + step["answered"] for step in report["conversation"]["steps"]
    )
    assert ledger["this_conversation"] * 100 < ledger["listing_everything"]
    spent = {step["what"]: step["answered"] for step in report["conversation"]["steps"]}
    assert spent["tools/list"] < 900
    assert spent["find_tools"] < 500


@pytest.mark.timeout(SECONDS)
def test_the_transcript_in_the_readme_has_the_shape_of_a_real_one(folder: Path):
    shown = readme.shown(readme.README.read_text("utf-8")).removeprefix("$ trunkline demo\n")
    done = trunkline(folder, "demo", seconds=SECONDS)
    assert outline(shown) == outline(done.stdout.strip("\n")), "run `make readme`"
