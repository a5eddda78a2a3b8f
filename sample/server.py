"""Serves the sample portals on loopback, as a forward proxy for their names or on two ports."""

from __future__ import annotations

import itertools
import threading
from dataclasses import dataclass
from email.utils import format_datetime, parsedate_to_datetime
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any
from urllib.parse import urlsplit

from sample.files import files_of_seed
from sample.generator import generate
from sample.portal_file import write_portal_file
from sample.resources import VISITS, Resource
from sample.site import HOSTS, Site, build
from sample.truth import Truth

_IDLE_SECONDS = 30


@dataclass(frozen=True, slots=True)
class LoggedRequest:
    """A request that was answered; ``path`` includes the query, ``sent`` counts body bytes.

    ``conditional`` says whether the client sent If-None-Match or If-Modified-Since.
    """

    method: str
    host: str
    path: str
    status: int
    sent: int
    conditional: bool


class SampleServer:
    """The sample portals, running while the context manager is open.

    By default one port serves both hosts by name and acts as an HTTP proxy for these two
    names only. With ``direct`` each host has a port of its own and every link is relative
    or leads to 127.0.0.1. ``port`` 0 takes free ports; ``direct`` uses ``port`` and the next.
    """

    def __init__(self, phase: int = 1, port: int = 0, direct: bool = False, seed: int = 2019) -> None:
        self._city = generate(seed)
        self._files = files_of_seed(seed)
        self._wanted_port = port
        self._direct = direct
        self._phase = phase
        self._listeners: list[_Listener] = []
        self._threads: list[threading.Thread] = []
        self._site: Site | None = None
        self.log: list[LoggedRequest] = []
        self.visits = itertools.count(1_000)
        self._city.phase(phase)

    def __enter__(self) -> SampleServer:
        """Start listening; OSError if the port is taken."""
        names: tuple[str | None, ...] = HOSTS if self._direct else (None,)
        try:
            for offset, name in enumerate(names):
                port = self._wanted_port + offset if self._wanted_port else 0
                self._listeners.append(_Listener(port, self, name))
        except OSError:
            self._close()
            raise
        self.set_phase(self._phase)
        for listener in self._listeners:
            thread = threading.Thread(target=listener.serve_forever, name="sample portal", daemon=True)
            thread.start()
            self._threads.append(thread)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop listening."""
        for listener in self._listeners[: len(self._threads)]:
            listener.shutdown()
        for thread in self._threads:
            thread.join()
        self._close()

    def _close(self) -> None:
        for listener in self._listeners:
            listener.server_close()
        self._listeners, self._threads = [], []

    @property
    def port(self) -> int:
        """The port listened on; in direct mode that of the city's portal."""
        return self._listeners[0].server_port

    @property
    def proxy_url(self) -> str:
        """What ``http_proxy`` must be set to, so that the portals' names work."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def bases(self) -> dict[str, str]:
        """Root URL of each portal by host name, without the last slash."""
        if not self._direct:
            return {host: f"http://{host}" for host in HOSTS}
        return {
            host: f"http://127.0.0.1:{listener.server_port}"
            for host, listener in zip(HOSTS, self._listeners, strict=True)
        }

    @property
    def site(self) -> Site:
        """What is being served; RuntimeError before the server is started."""
        if self._site is None:
            raise RuntimeError("the sample server is not running: use it as a context manager")
        return self._site

    def set_phase(self, phase: int) -> None:
        """Publish the state of ``phase`` 1 or 2; ValueError for any other."""
        self._site = build(self._city, phase, self.bases, self._files)
        self._phase = phase

    def truth(self) -> Truth:
        """What a crawl of the present phase ought to find, with the URLs of this server."""
        return self.site.truth

    def portal_file(self, path: Path) -> Path:
        """Write a portals file for this server's two portals to ``path``; return it."""
        return write_portal_file(path, self.bases)


class _Listener(ThreadingHTTPServer):
    """One port; ``only_host`` is the host that it serves whatever name is asked for."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 64

    def __init__(self, port: int, owner: SampleServer, only_host: str | None) -> None:
        self.owner = owner
        self.only_host = only_host
        super().__init__(("127.0.0.1", port), _Handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Pass over clients that hang up; they are no error of the server."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "sample"
    sys_version = ""
    timeout = _IDLE_SECONDS
    # Headers and body leave together: two small writes would wait for the client's delayed ACK.
    wbufsize = 1 << 16
    server: _Listener

    def do_GET(self) -> None:
        self._answer()

    def do_HEAD(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self.close_connection = True
        host, target = self._target()
        self._send(host, target, HTTPStatus.METHOD_NOT_ALLOWED, _message("本系统不接收提交。"))

    def do_CONNECT(self) -> None:
        self.close_connection = True
        refusal = _message("This proxy serves plain HTTP only.")
        self._send(self.path, "", HTTPStatus.BAD_GATEWAY, refusal)

    def log_message(self, format: str, *args: Any) -> None:
        """Keep quiet: the log is ``SampleServer.log``."""

    def _target(self) -> tuple[str, str]:
        """Return host name and path of the request, whether in proxy form or not."""
        parts = urlsplit(self.path)
        host = parts.netloc if parts.scheme else self.headers.get("Host", "")
        target = parts.path or "/"
        return host.lower().removesuffix(":80"), f"{target}?{parts.query}" if parts.query else target

    def _answer(self) -> None:
        asked_host, target = self._target()
        host = self.server.only_host or asked_host
        site = self.server.owner.site
        if host not in site.portals:
            refusal = _message(f"No such host in the sample: {asked_host}. Known: {', '.join(site.portals)}.")
            self._send(asked_host, target, HTTPStatus.BAD_GATEWAY, refusal)
            return
        path, _, query = target.partition("?")
        resource = site.find(host, path, query)
        if resource is not None:
            status = HTTPStatus.NOT_MODIFIED if self._unchanged(resource) else HTTPStatus.OK
            self._send(host, target, status, resource)
        elif site.find(host, f"{path}/", query) is not None:
            self._send(host, target, HTTPStatus.MOVED_PERMANENTLY, _message("已移动。"), f"{path}/")
        else:
            self._send(host, target, HTTPStatus.NOT_FOUND, _message("您访问的页面不存在。"))

    def _unchanged(self, resource: Resource) -> bool:
        if resource.last_modified is None:
            return False
        tags = self.headers.get("If-None-Match")
        if tags is not None:
            known = {tag.strip().removeprefix("W/") for tag in tags.split(",")}
            return resource.etag in known or "*" in known
        since = self.headers.get("If-Modified-Since")
        if since is None:
            return False
        try:
            return resource.last_modified <= parsedate_to_datetime(since)
        except (ValueError, TypeError):
            return False

    def _send(
        self, host: str, target: str, status: HTTPStatus, resource: Resource, location: str | None = None
    ) -> None:
        body = resource.body
        if VISITS.encode() in body:
            body = body.replace(VISITS.encode(), str(next(self.server.owner.visits)).encode())
        self.send_response(status)
        if resource.last_modified is not None:
            self.send_header("ETag", resource.etag or "")
            self.send_header("Last-Modified", format_datetime(resource.last_modified, usegmt=True))
        if location:
            self.send_header("Location", location)
        if status is not HTTPStatus.NOT_MODIFIED:
            self.send_header("Content-Type", resource.content_type)
            self.send_header("Content-Length", str(len(body)))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        sent = 0 if self.command == "HEAD" or status is HTTPStatus.NOT_MODIFIED else len(body)
        conditional = "If-None-Match" in self.headers or "If-Modified-Since" in self.headers
        entry = LoggedRequest(self.command, host, target, int(status), sent, conditional)
        self.server.owner.log.append(entry)
        if sent:
            self.wfile.write(body)


def _message(text: str) -> Resource:
    return Resource(f"{text}\n".encode(), "text/plain; charset=utf-8")
