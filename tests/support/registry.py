"""A contract fake of two package registries: what the npm and pip clients ask of npm's and of PyPI's, over HTTP.

npm: the packument at /<package> and tarballs with sha512 integrity. PyPI: the Simple Repository API (PEP 503) at
/simple/<project>/ and wheels with sha256 in the link. Anything else is 404.
"""

import base64
import hashlib
import io
import json
import tarfile
import zipfile
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread


@dataclass
class Registry:
    """What is published: package -> version -> archive. `url` is where it is served."""

    url: str = ""
    npm: dict[str, dict[str, bytes]] = field(default_factory=dict[str, dict[str, bytes]])
    pypi: dict[str, dict[str, bytes]] = field(default_factory=dict[str, dict[str, bytes]])

    def publish_npm(self, package: str, version: str, files: dict[str, bytes]) -> None:
        manifest = json.dumps({"name": package, "version": version}).encode()
        self.npm.setdefault(package, {})[version] = _tarball({"package.json": manifest, **files})

    def publish_pypi(self, project: str, version: str, files: dict[str, bytes]) -> None:
        self.pypi.setdefault(project, {})[version] = _wheel(project, version, files)

    def answer(self, path: str) -> tuple[str, bytes] | None:
        """(content type, body) of what stands at `path`."""
        parts = path.strip("/").split("/")
        match parts:
            case ["simple", project] if project in self.pypi:
                return "text/html", self._simple(project).encode()
            case ["wheels", project, name] if project in self.pypi:
                return "application/octet-stream", self.pypi[project][name.split("-")[1]]
            case ["tarballs", package, name] if package in self.npm:
                return "application/octet-stream", self.npm[package][name.removesuffix(".tgz")]
            case [package] if package in self.npm:
                return "application/json", json.dumps(self._packument(package)).encode()
            case _:
                return None

    def environment(self) -> dict[str, str]:
        """Which leads both clients here."""
        return {
            "npm_config_registry": f"{self.url}/",
            "npm_config_fetch_retries": "0",
            "PIP_INDEX_URL": f"{self.url}/simple/",
            "PIP_CONFIG_FILE": "/dev/null",
        }

    def _packument(self, package: str) -> dict[str, object]:
        versions = {version: self._version(package, version) for version in self.npm[package]}
        return {"name": package, "dist-tags": {"latest": list(versions)[-1]}, "versions": versions}

    def _version(self, package: str, version: str) -> dict[str, object]:
        archive = self.npm[package][version]
        integrity = "sha512-" + base64.b64encode(hashlib.sha512(archive).digest()).decode()
        tarball = f"{self.url}/tarballs/{package}/{version}.tgz"
        return {"name": package, "version": version, "dist": {"tarball": tarball, "integrity": integrity}}

    def _simple(self, project: str) -> str:
        links = [
            f'<a href="/wheels/{project}/{_wheel_name(project, version)}#sha256={hashlib.sha256(archive).hexdigest()}">'
            f"{_wheel_name(project, version)}</a>"
            for version, archive in self.pypi[project].items()
        ]
        return f"<!DOCTYPE html><html><body>{''.join(links)}</body></html>"


@contextmanager
def serving() -> Generator[Registry]:
    """A registry without packages, on a port of its own."""
    registry = Registry()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found = registry.answer(self.path.partition("?")[0])
            self.send_response(404 if found is None else 200)
            kind, body = found or ("application/json", b"{}")
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Nothing: the tests' output is theirs."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    registry.url = f"http://127.0.0.1:{server.server_port}"
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield registry
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _tarball(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as archive:
        for name, data in files.items():
            entry = tarfile.TarInfo(f"package/{name}")
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
    return out.getvalue()


def _wheel_name(project: str, version: str) -> str:
    return f"{project.replace('-', '_')}-{version}-py3-none-any.whl"


def _wheel(project: str, version: str, files: dict[str, bytes]) -> bytes:
    info = f"{project.replace('-', '_')}-{version}.dist-info"
    metadata = {
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {project}\nVersion: {version}\n".encode(),
        f"{info}/WHEEL": b"Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{info}/RECORD": b"",
    }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, data in {**files, **metadata}.items():
            archive.writestr(name, data)
    return out.getvalue()
