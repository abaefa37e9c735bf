"""Who may import what, beyond the contracts that import-linter checks (`make lint`)."""

import subprocess
import sys
from functools import cache

import grimp
import pytest

# A server that starts with one of these has paid for what it may never need.
LATE = frozenset(
    {
        "mcp",
        "httpx",
        "httpx2",
        "pydantic",
        "alembic",
        "sqlalchemy",
        "bpe_openai",
        "yaml",
        "jsonschema",
        "jinja2",
        "botocore",
    }
    | {"trunkline.compiler", "trunkline.sandbox", "trunkline.modules", "psycopg", "pymongo", "redis", "graphql"}
)


@cache
def graph() -> grimp.ImportGraph:
    return grimp.build_graph("trunkline", include_external_packages=True, cache_dir=None)


def room_of(module: str) -> str:
    return module.split(".")[1] if "." in module else ""


def test_only_programs_bring_gateway_and_category_together() -> None:
    both = [
        module
        for module in graph().modules
        if {"gateway", "category"} <= {room_of(used) for used in graph().find_modules_directly_imported_by(module)}
    ]
    assert {room_of(module) for module in both} <= {"programs"}, both


def test_the_contract_needs_msgspec_and_nothing_of_ours() -> None:
    needed = {
        used
        for module in graph().modules
        if room_of(module) == "contract"
        for used in graph().find_modules_directly_imported_by(module)
        if not used.startswith("trunkline.contract")
    }
    assert needed - sys.stdlib_module_names <= {"msgspec"}


@pytest.mark.parametrize("program", ["gateway", "category"])
def test_a_server_starts_without_what_it_may_never_need(program: str) -> None:
    code = f"import sys, trunkline.programs.{program}; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    early = LATE & set(done.stdout.split())
    assert not early, f"import these where they are first needed: {early}"
