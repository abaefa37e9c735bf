"""`python -m bench.validity`: what an independent judge says of the calls of every named service and of a sample."""

import argparse
import sys
from collections.abc import Collection, Iterable
from pathlib import Path

import msgspec
from rich.console import Console

from bench.validity import house, sample, session, table
from bench.validity.trial import Score
from trunkline.catalog.manifests import MODULES, Manifests

out = Console(highlight=False, width=200)


def main() -> int:
    options = _options()
    manifests = Manifests.load(options.modules).by_id
    named = options.only or sample.named(manifests)
    chosen = named if options.only else [*named, *sample.sampled(manifests, options.sample)]
    sources = session.sources(options.modules)
    problems = house.compiled(options.catalog, sources, {name: manifests[name] for name in chosen})
    docket = session.Docket(tuple(chosen), options.modules, options.catalog, options.share)
    scores = session.scores(docket, options.workers)
    if options.json:
        sys.stdout.buffer.write(msgspec.json.format(msgspec.json.encode(list(scores.values())), indent=1) + b"\n")
    else:
        _show([scores[name] for name in chosen if name in scores], named, problems)
    return 0 if table.total(scores.values()) >= table.LEAST and scores.keys() == set(chosen) else 1


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser("python -m bench.validity", description=__doc__)
    parser.add_argument("--sample", type=int, default=60, help="how many services besides those named")
    parser.add_argument("--only", nargs="*", help="these services, no others")
    parser.add_argument("--share", type=int, default=1, help="call one tool in so many")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--modules", type=Path, default=MODULES, help="folder of manifests and their sources.lock")
    parser.add_argument("--catalog", type=Path, default=session.ROOT / ".cache" / "validity", help="folder of rows")
    parser.add_argument("--json", action="store_true", help="every refusal, with the request, as JSON")
    return parser.parse_args()


def _show(scores: Collection[Score], named: Collection[str], problems: Iterable[str]) -> None:
    for problem in problems:
        out.print(f"not compiled: {problem}", style="dim")
    out.print(table.table("named services", [score for score in scores if score.service in named]))
    others = [score for score in scores if score.service not in named]
    if others:
        out.print(table.table("a sample of the others", others))
    for excuse in sorted({excuse for score in scores for excuse in score.excuses}):
        count = sum(score.excuses.get(excuse, 0) for score in scores)
        out.print(f"{count} calls judged by the sandbox: {excuse}", style="dim")
    calls = sum(score.calls for score in scores)
    out.print(f"{calls} calls, {100 * table.total(scores):.2f}% accepted; must be at least {100 * table.LEAST:g}%")


if __name__ == "__main__":
    sys.exit(main())
