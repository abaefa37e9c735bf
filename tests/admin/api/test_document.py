"""The API is what its OpenAPI document says: questions made from the document, put to a running gateway."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.gateway import Gateway, trunkline
from tests.support.http_browser import http_browser

_EACH = 3  # questions an operation, besides those at the limits of what its parameters may be
_SECONDS = 360  # a minute where nothing else runs
_CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "negative_data_rejection",
    "positive_data_acceptance",
    "unsupported_method",
)


@pytest.fixture
def key(running_gateway: Gateway) -> str:
    done = trunkline(running_gateway.folder, "apikeys", "create", "questions")
    assert done.returncode == 0, done.stderr
    return done.stdout.split()[-1]


@pytest.fixture
async def document(running_gateway: Gateway) -> str:
    """Where it is; asked for once, since the first page opens the database."""
    url = running_gateway.url.removesuffix("/mcp")
    async with http_browser(url) as browser:
        page = await browser.get("/api/v1/openapi.json")
    assert page.status == 200
    return url + page.url


@pytest.mark.timeout(_SECONDS)
def test_every_answer_fits_the_document(document: str, key: str, tmp_path: Path) -> None:
    command = [
        str(Path(sys.executable).with_name("schemathesis")), "run", document, f"--header=Authorization: Bearer {key}",
        f"--checks={','.join(_CHECKS)}", f"--max-examples={_EACH}", "--generation-deterministic", "--no-color",
        "--phases=coverage,fuzzing", "--suppress-health-check=all",
    ]  # fmt: skip
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=_SECONDS, check=False)
    assert done.returncode == 0, done.stdout[-8000:]
