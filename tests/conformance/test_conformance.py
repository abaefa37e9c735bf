"""The official conformance suites, run against the gateway's own endpoint.

The fixtures they ask for live in a federated upstream server, so that every call goes through the whole pipeline.
"""

from pathlib import Path

import pytest

from tests.conformance.conftest import Stand, standing
from tests.conformance.suites import SUITES, Suite, judge
from tests.support.wait import until

LEGACY, LEGACY_ANEW, MODERN = SUITES


@pytest.mark.timeout(300)
@pytest.mark.parametrize("suite", SUITES, ids=str)
def test_every_scored_scenario_passes_and_every_call_is_audited(stand: Stand, suite: Suite, tmp_path: Path) -> None:
    check(stand, suite, tmp_path)


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize(
    ("only", "suites"), [("legacy", (LEGACY, LEGACY_ANEW)), ("modern", (MODERN,))], ids=["legacy", "modern"]
)
def test_an_upstream_server_of_one_era_serves_that_era_as_well(
    catalog_folder: Path, tmp_path: Path, only: str, suites: tuple[Suite, ...]
) -> None:
    with standing(tmp_path, catalog_folder, "--only", only) as stand:
        for suite in suites:
            check(stand, suite, tmp_path)


def check(stand: Stand, suite: Suite, folder: Path) -> None:
    calls, intents, outcomes = stand.calls(), stand.audited("intent"), stand.audited("outcome")
    report = judge(suite, stand.url, folder)
    scored = suite.scenarios or report.passed.keys()
    wrong = {name: count for name, count in report.failed.items() if name in scored}
    assert (report.code, wrong) == (0, {}), report.output
    assert scored <= report.passed.keys()
    assert sum(report.passed[name] for name in scored) >= suite.least
    made = stand.calls() - calls
    assert made > 0
    until(lambda: stand.audited("outcome") - outcomes >= made, 10, "the last outcome rows")
    assert (stand.audited("intent") - intents, stand.audited("outcome") - outcomes) == (made, made)
