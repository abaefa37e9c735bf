"""The log holds facts and no secrets."""

import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from trunkline.infra import log


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    yield tmp_path
    for handler in list(root.handlers):
        if handler not in before:
            root.removeHandler(handler)
            handler.close()
    root.handlers = before
    root.setLevel(level)
    structlog.reset_defaults()
    logging.getLogger("mcp").setLevel(logging.NOTSET)


def rows(folder: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in (folder / "trunkline.log").read_text().splitlines()]


def test_a_line_of_the_file_is_json_with_time_level_and_facts(folder: Path):
    log.configure(folder, "info", console=False)
    structlog.get_logger("trunkline.test").info("category started", pid=7, category="code")
    (row,) = rows(folder)
    assert (row["event"], row["pid"], row["category"], row["level"]) == ("category started", 7, "code", "info")
    assert row["logger"] == "trunkline.test"
    assert str(row["timestamp"]).endswith("Z")


def test_the_standard_library_takes_the_same_way(folder: Path):
    log.configure(folder, "info", console=False)
    logging.getLogger("aiohttp.server").warning("port %d is taken", 8000)
    logging.getLogger("mcp.server").info("Created new transport")  # of no use to an owner
    assert [row["event"] for row in rows(folder)] == ["port 8000 is taken"]


def test_the_level_filters(folder: Path):
    log.configure(folder, "warning", console=False)
    structlog.get_logger("trunkline.test").info("not this")
    structlog.get_logger("trunkline.test").warning("but this")
    assert [row["event"] for row in rows(folder)] == ["but this"]


@pytest.mark.parametrize(
    "secret",
    [
        "Bearer tl_0123456789abcdef",
        "bearer abcdefghijkl",
        "Basic dXNlcjpwYXNzd29yZA==",
        "tl_0123456789abcdef",
        "ghp_0123456789abcdef0123",
        "xoxb-1234567890-abcdef",
        "sk-ant-0123456789",
        "eyJhbGciOi.eyJzdWIiOi.c2lnbmF0dXJl",
    ],
)
def test_a_token_inside_a_text_is_hidden(secret: str):
    assert log.redact_text(f"refused {secret} at once") == "refused [redacted] at once"


def test_values_under_secret_names_are_hidden_at_any_depth(folder: Path):
    log.configure(folder, "info", console=False)
    structlog.get_logger("trunkline.test").info(
        "call", headers={"Authorization": "x", "accept": "json"}, api_key="x", list_tokens=5, raw=b"abc"
    )
    (row,) = rows(folder)
    assert row["headers"] == {"Authorization": "[redacted]", "accept": "json"}
    assert (row["api_key"], row["list_tokens"], row["raw"]) == ("[redacted]", 5, "<3 bytes>")


def test_a_trace_is_logged_without_its_secrets(folder: Path):
    log.configure(folder, "info", console=False)
    try:
        raise ValueError("upstream said: bad token ghp_0123456789abcdef0123")
    except ValueError:
        structlog.get_logger("trunkline.test").exception("call failed")
    text = (folder / "trunkline.log").read_text()
    assert "ValueError" in text
    assert "ghp_0123456789abcdef0123" not in text


def test_the_console_gets_one_short_line(folder: Path, capsys: pytest.CaptureFixture[str]):
    log.configure(None, "info")
    structlog.get_logger("trunkline.test").info("category started", pid=7)
    assert capsys.readouterr().err.rstrip().endswith("info    category started  pid=7")


def test_a_name_from_outside_cannot_begin_a_line_of_its_own_on_the_console(capsys: pytest.CaptureFixture[str]):
    log.configure(None, "info")
    structlog.get_logger("trunkline.test").info("refused", tool="x\n12:00:00 error   \x1b[31mforged\x9b")
    assert capsys.readouterr().err.rstrip().endswith("tool=x\\x0a12:00:00 error   \\x1b[31mforged\\x9b")
