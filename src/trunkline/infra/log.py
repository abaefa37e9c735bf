"""The log: JSON lines in `log/<program>.log`, short lines on the console, secrets in neither.

Code of ours logs facts: `log = structlog.get_logger("trunkline.room")`, `log.info("category started", pid=7)`.
Records of the standard library's `logging` (uvicorn, aiohttp) take the same way.
"""

import logging
import re
import sys
from collections.abc import MutableMapping
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Any, cast

import orjson
import structlog

_SECRET_NAME = re.compile(
    r"authorization|cookie|password|passwd|secret|token|credential|api_?key|ticket|signature", re.I
)
_COUNT_NAME = re.compile(r"(?i)tokens$")  # signature_tokens, listing_tokens: numbers, no secrets
_SECRET_TEXT = re.compile(
    r"(?i)\b(bearer|basic)\s+[\w.~+/=-]{8,}"
    r"|\b(?:tl[a-z]?_|gh[pousr]_|github_pat_|xox[a-z]-|sk_live_|sk_test_|sk-|ya29\.|AKIA|SG\.)[\w.=-]{8,}"
    r"|\beyJ[\w-]{5,}\.[\w-]+\.[\w-]*"
)
HIDDEN = "[redacted]"
_TALKATIVE = ("alembic", "uvicorn", "mcp", "asyncio")  # their word on a usual day is of no use to an owner
_CONTROL = {number: f"\\x{number:02x}" for number in (*range(0x20), *range(0x7F, 0xA0))}
_ROTATE_BYTES, _KEPT_FILES = 10_000_000, 3


def configure(folder: Path | None, level: str, *, program: str = "trunkline", console: bool = True) -> None:
    """Sets up logging for this process: `folder` None leaves the file out, `console` False the terminal.

    The console is standard error: standard output belongs to stdio clients.
    """
    handlers: list[logging.Handler] = []
    if folder is not None:
        file = RotatingFileHandler(
            folder / f"{program}.log", maxBytes=_ROTATE_BYTES, backupCount=_KEPT_FILES, encoding="utf-8", delay=True
        )
        file.setFormatter(_formatter(_json))
        handlers.append(file)
    if console:
        terminal = logging.StreamHandler(sys.stderr)
        terminal.setFormatter(_formatter(_line))
        handlers.append(terminal)
    logging.basicConfig(handlers=handlers or [logging.NullHandler()], level=level.upper(), force=True)
    for talkative in _TALKATIVE:
        logging.getLogger(talkative).setLevel(logging.ERROR if level == "error" else logging.WARNING)
    structlog.configure(
        processors=[structlog.stdlib.filter_by_level, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )


def redact(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Hides values under secret names, and whatever looks like a token inside texts."""
    return {key: _redacted(key, value) for key, value in event.items()}


def redact_text(text: str) -> str:
    """`text` with everything that looks like a token hidden."""
    return _SECRET_TEXT.sub(HIDDEN, text)


def _redacted(name: str, value: Any) -> Any:
    if _SECRET_NAME.search(name) and not _COUNT_NAME.search(name):
        return HIDDEN
    if isinstance(value, dict):
        inside = cast("dict[object, object]", value)
        return {str(key): _redacted(str(key), inner) for key, inner in inside.items()}
    if isinstance(value, list | tuple):
        return [_redacted("", inner) for inner in cast("list[object]", value)]
    if isinstance(value, bytes):
        return f"<{len(value)} bytes>"
    return redact_text(value) if isinstance(value, str) else value


def _formatter(render: Any) -> structlog.stdlib.ProcessorFormatter:
    shared = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[],
        processors=[
            *shared,
            structlog.processors.format_exc_info,
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            redact,
            render,
        ],
    )


def _json(_logger: object, _method: str, event: MutableMapping[str, Any]) -> str:
    return orjson.dumps(event, default=str).decode()


def _line(_logger: object, _method: str, event: MutableMapping[str, Any]) -> str:
    """`12:30:01 info  category started  pid=7`; a trace goes below."""
    trace = event.pop("exception", "")
    time, level, text = str(event.pop("timestamp", ""))[11:19], event.pop("level", ""), event.pop("event", "")
    event.pop("logger", None)
    facts = "  ".join(f"{key}={value}" for key, value in event.items())
    line = f"{time} {level:<7} {text}" + (f"  {facts}" if facts else "")
    line = line.translate(_CONTROL)  # a name from outside neither begins a line of its own nor colours a terminal
    return f"{line}\n{trace}" if trace else line
