"""`trunkline graph SERVICE`: which tools have what others of the service require."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Annotated

import typer
from rich.tree import Tree

from trunkline.cli.console import out, print_json
from trunkline.cli.options import AsJson, Config, DataDir, settings_of
from trunkline.selection.index import Index

Producers = Mapping[str, tuple[str, ...]]


def register(app: typer.Typer) -> None:
    app.command("graph", help="Draw which tools of a service have what others need.")(graph)


def graph(
    service: Annotated[str, typer.Argument(help="Service id, such as slack.")],
    mermaid: Annotated[bool, typer.Option("--mermaid", help="As a Mermaid flowchart.")] = False,
    data_dir: DataDir = None,
    config: Config = None,
    json: AsJson = False,
) -> None:
    producers = Index.open(settings_of(data_dir=data_dir, config=config).data.catalog).producers(service)
    if json:
        print_json(producers)
    elif mermaid:
        out.print(flowchart(producers), markup=False, soft_wrap=True)
    else:
        out.print(tree(service, producers))


def tree(service: str, producers: Producers) -> Tree:
    """Each tool that has what others need, with those below it."""
    consumers: dict[str, list[str]] = defaultdict(list)
    for tool, names in producers.items():
        for name in names:
            consumers[name].append(tool)
    root = Tree(service)
    for name, tools in sorted(consumers.items()):
        branch = root.add(name)
        for tool in tools:
            branch.add(tool)
    return root


def flowchart(producers: Producers) -> str:
    """Arrows from a tool to those that need what it has (Mermaid)."""
    edges = [f"  {name} --> {tool}" for tool, names in producers.items() for name in names]
    return "\n".join(["flowchart LR", *edges])
