"""Where the category servers knock instead of the services: every request is judged and then answered alike."""

from collections.abc import Generator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import cast

from bench.validity.court import Court, Verdict
from trunkline.sandbox.request import Request

_ANSWER = b"{}"


class Door(ThreadingHTTPServer):
    """One call is in flight at a time: `verdict` is that on the last request, None if there was none."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Knock)
        self.court: Court | None = None
        self.verdict: Verdict | None = None
        self.request_line = ""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def judge(self, request: Request) -> None:
        self.request_line = f"{request.method} {request.path}?{request.query} {request.body[:2000]!r}"
        self.verdict = self.court.judge(request) if self.court else None


class _Knock(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # head and body leave together: sent apart, the second waits 40 ms for the first's acknowledgement

    def handle_one_request(self) -> None:
        self.raw_requestline = self.rfile.readline(65_537)
        if not self.raw_requestline:
            self.close_connection = True
            return
        if self.parse_request():
            self._answer()

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing."""

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        headers = {name: value for name, value in self.headers.items() if name.lower() != "host"}
        cast("Door", self.server).judge(Request.of(self.command, f"{self.headers['Host']}{self.path}", headers, body))
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(_ANSWER)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(_ANSWER)
        self.wfile.flush()


@contextmanager
def opened() -> Generator[Door]:
    with Door() as door:
        thread = Thread(target=door.serve_forever, daemon=True)
        thread.start()
        try:
            yield door
        finally:
            door.shutdown()
