"""`python -m bench.selection`: is the right tool found, beside what rivals find.

Over the public sets of tools and requests; with --questions, over the compiled catalog and requests of our own. With
--costs, how fast that is and how much it takes; with --ablation, what each part of the search is worth.
"""

import argparse
import sys
from pathlib import Path

import msgspec
from rich.console import Console

from bench.selection import ablation, costs, questions, report, sets
from bench.selection.engines import ENGINES, ROOT, asked
from bench.selection.score import score

_SETS = ROOT.parent / "shared" / "data" / "retrieval"
_CATALOG = ROOT / ".cache" / "bench" / "catalog"
_DEV = sorted((ROOT / "bench" / "questions").glob("dev-*.jsonl"))
_WIDTH = 200
out = Console(highlight=False, width=_WIDTH)


def main() -> int:
    options = _options()
    if options.costs:
        return _costs(options)
    if options.ablation:
        return _ablation(options)
    return _sets(options) if options.questions is None else _questions(options)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser("python -m bench.selection", description=__doc__)
    parser.add_argument("--sets", type=Path, default=_SETS, metavar="DIR", help="folder of sets")
    parser.add_argument("--set", type=Path, action="append", metavar="DIR", help="one set; may be given again")
    parser.add_argument("--questions", type=Path, nargs="*", metavar="FILE", help="questions over the catalog; or ours")
    parser.add_argument("--costs", action="store_true", help="time and memory on tools of the catalog")
    parser.add_argument("--ablation", action="store_true", help="what each part is worth; writes docs/selection.md")
    parser.add_argument("--catalog", type=Path, default=_CATALOG, metavar="DIR", help="the compiled catalog")
    parser.add_argument("--misses", action="store_true", help="list what this project's search does not find")
    parser.add_argument("--engines", nargs="+", choices=ENGINES, default=list(ENGINES), help="these, no others")
    parser.add_argument("--json", action="store_true", help="all figures as JSON")
    return parser.parse_args()


def _sets(options: argparse.Namespace) -> int:
    folders = options.set or sets.folders(options.sets)
    if not folders:
        sys.stderr.write(f"there is no set in {options.sets}\n")
        return 2
    results = _measured(folders, options.engines)
    if options.json:
        _print(results.json())
    else:
        report.show(out, results)
    return 0


def _measured(folders: list[Path], engines: list[str]) -> report.Results:
    results = report.Results()
    for folder in folders:
        given = sets.read(folder)
        rankings, missing = asked(given, {name: ENGINES[name] for name in engines})
        results.scores[given.name] = {name: score(given.queries, ranked) for name, ranked in rankings.items()}
        results.sizes[given.name] = len(given.tools), len(given.queries)
        results.missing |= missing
    return results


def _questions(options: argparse.Namespace) -> int:
    try:
        found = questions.ask(options.questions or _DEV, options.catalog, options.engines)
    except (FileNotFoundError, questions.Wrong) as fault:
        sys.stderr.write(f"{fault}\n")
        return 2
    if options.json:
        _print(found.json())
    else:
        report.show_questions(out, found, misses=options.misses)
    return 0


def _costs(options: argparse.Namespace) -> int:
    texts = [query.query for query in questions.read(options.questions or _DEV)]
    found = costs.measure(options.catalog, texts)
    if options.json:
        _print(found)
    else:
        report.show_costs(out, found)
    return 0


def _ablation(options: argparse.Namespace) -> int:
    given = [sets.read(folder) for folder in sets.folders(options.sets) if folder.name in report.PUBLISHED]
    if not given:
        sys.stderr.write(f"none of the public sets is in {options.sets}\n")
        return 2
    run = ablation.measure(given, questions.read(options.questions or _DEV), options.catalog)
    ablation.write(run)
    sys.stdout.write(ablation.table(run))
    return 0


def _print(found: object) -> None:
    sys.stdout.buffer.write(msgspec.json.format(msgspec.json.encode(found), indent=1) + b"\n")


if __name__ == "__main__":
    sys.exit(main())
