"""`trunkline COMMAND`: finds the command, runs it, and turns a fault into a line and an exit code.

A command's module is imported when it is asked for, so that none pays for what the others need.
"""

import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Final

import typer

from trunkline.cli.console import err, print_fault
from trunkline.contract import Fault

# Command -> the module that defines `register(app)`. The order is that of --help.
COMMANDS: Final = {
    "up": "up",
    "stdio": "stdio",
    "demo": "demo",
    "find": "find",
    "graph": "graph",
    "connect": "connect",
    "connections": "connect",
    "disconnect": "connect",
    "apps": "apps",
    "verify": "verify",
    "token": "token",
    "keys": "keys",
    "login": "login",
    "users": "users",
    "apikeys": "apikeys",
    "config": "config",
    "catalog": "catalog",
    "audit": "audit",
    "ledger": "ledger",
    "doctor": "doctor",
    "version": "version",
}
_INTERRUPTED = 130


def main() -> None:
    """The entry point of the program `trunkline`."""
    sys.exit(run(sys.argv[1:]))


def run(arguments: Sequence[str]) -> int:
    """Runs one command. Returns the exit code; expected failures print one line and a hint, never a trace."""
    try:
        application(arguments)(args=list(arguments) or ["--help"], prog_name="trunkline", standalone_mode=True)
    except Fault as fault:
        return print_fault(fault)
    except KeyboardInterrupt:
        err.print("interrupted", style="dim")
        return _INTERRUPTED
    except SystemExit as exit:
        return exit.code if isinstance(exit.code, int) else 1
    return 0


def application(arguments: Sequence[str]) -> typer.Typer:
    """The application with the one command asked for, or with all of them where none is (help, completion)."""
    app = typer.Typer(
        help="One MCP endpoint for every service you use.",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        add_completion=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback()(_group)
    wanted = arguments[0] if arguments else ""
    modules = [COMMANDS[wanted]] if wanted in COMMANDS else dict.fromkeys(COMMANDS.values())
    for module in modules:
        import_module(f"trunkline.cli.{module}").register(app)
    return app


def _group() -> None:
    """One MCP endpoint for every service you use."""
