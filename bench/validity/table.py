"""The table that bench/validity prints."""

from collections.abc import Collection

from rich.table import Table

from bench.validity.trial import Score

LEAST = 0.99  # of all calls must be accepted


def share(accepted: int, of: int) -> str:
    return f"{100 * accepted / of:.1f}%" if of else "-"


def total(scores: Collection[Score]) -> float:
    """The share of all calls that were accepted."""
    calls = sum(score.calls for score in scores)
    return sum(score.required + score.all for score in scores) / calls if calls else 0.0


def table(title: str, scores: Collection[Score]) -> Table:
    out = Table("service", "tools", "required", "all", "by sandbox", "first refusal", title=title, box=None)
    for column in out.columns[1:5]:
        column.justify = "right"
    for score in scores:
        first = score.refusals[0] if score.refusals else None
        out.add_row(
            score.service,
            str(score.tools),
            share(score.required, score.tools),
            share(score.all, score.tools),
            str(score.by_sandbox or ""),
            f"{first.tool} ({first.kind}): {first.reason}" if first else "",
        )
    tools = sum(score.tools for score in scores)
    out.add_row(
        "together",
        str(tools),
        share(sum(score.required for score in scores), tools),
        share(sum(score.all for score in scores), tools),
        str(sum(score.by_sandbox for score in scores)),
        style="bold",
    )
    return out
