"""docs/performance.md is drawn by the bench from what it measured, and by nobody else."""

from bench import results


def test_the_page_is_what_the_bench_draws_from_its_figures() -> None:
    assert results.PAGE.read_text(encoding="utf-8") == results.page(results.read()), "run `make bench`"


def test_the_figures_cover_what_must_be_reached() -> None:
    run = results.read()
    assert run.rounds >= 5
    assert {row.connections for row in run.federated} == {1, 16, 64}
    assert {row.target for row in run.federated} >= {"direct", "bare proxy", "gateway", "legacy client"}
    assert run.start.tools > 1_000
    assert all(bound.reached > 0 for bound in run.bounds())
