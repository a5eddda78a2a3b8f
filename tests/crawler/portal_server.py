"""A small portal on loopback: pages by path, validators, a log of what was asked, faults."""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType

Body = bytes | Callable[[], bytes]


class PortalServer:
    """Serves ``pages`` (path to body); a path in ``statuses`` answers with that status.

    Paths in ``without_validators`` carry no ETag. ``log`` holds (path, status) of every answer.
    """

    def __init__(self, pages: dict[str, Body]) -> None:
        self.pages = pages
        self.statuses: dict[str, int] = {}
        self.headers: dict[str, dict[str, str]] = {}
        self.without_validators: set[str] = set()
        self.truncated: dict[str, int] = {}
        self.pause = 0.0
        self.log: list[tuple[str, int]] = []
        self.agents: set[str] = set()
        portal = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                portal.answer(self)

            def log_message(self, format: str, *args: object) -> None:
                """Keep the tests' output clean."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        time.sleep(self.pause)
        self.agents.add(request.headers.get("User-Agent", ""))
        path = request.path
        status = self.statuses.get(path, 200 if path in self.pages else 404)
        found = self.pages.get(path, b"<html><body>404 Not Found</body></html>")
        body = found() if callable(found) else found
        etag = f'"{hashlib.md5(body).hexdigest()}"'
        validated = status == 200 and path not in self.without_validators
        if validated and request.headers.get("If-None-Match") == etag:
            status, body = 304, b""
        self.log.append((path, status))
        request.send_response(status)
        for name, value in self.headers.get(path, {}).items():
            request.send_header(name, value)
        if validated:
            request.send_header("ETag", etag)
        if "Content-Type" not in self.headers.get(path, {}):
            request.send_header("Content-Type", "application/pdf" if path.endswith(".pdf") else "text/html")
        request.send_header("Content-Length", str(len(body)))
        if self.truncated.get(path, 0) > 0:
            self.truncated[path] -= 1
            request.send_header("Connection", "close")
            request.end_headers()
            request.wfile.write(body[: len(body) // 2])
            request.close_connection = True
            return
        request.end_headers()
        request.wfile.write(body)

    def asked(self, status: int | None = None) -> list[str]:
        """Paths asked for, in order; only those answered with ``status`` if one is given."""
        return [path for path, answered in self.log if status is None or answered == status]

    def __enter__(self) -> PortalServer:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
