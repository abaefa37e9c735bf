"""The ablation in docs/selection.md is drawn by the bench from what it measured, and by nobody else."""

from bench.selection import ablation


def test_the_table_is_what_the_bench_draws_from_its_figures() -> None:
    text = ablation.PAGE.read_text(encoding="utf-8")
    assert text == ablation.page(text, ablation.read()), "run `make ablation`"


def test_every_part_was_left_out_once() -> None:
    assert [row.without for row in ablation.read().rows] == ["", *ablation.LEVERS]
