"""Serves hosts by name on one loopback port that acts as a forward proxy for them.

Names of hosts then need no DNS: a client that takes the port as its ``http_proxy`` and
``https_proxy`` reaches them all, on whatever port they have, and every other name is refused.
HTTPS ends here, with certificates of our own making.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import socket
import ssl
import struct
import sys
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

from sample.resources import VISITS
from sample.web import DEFAULT_PORTS, Clock, Host, Request, Response, content

_IDLE_SECONDS = 30
_POLL_SECONDS = 0.05  # how long closing may take
_LARGEST_BODY = 1 << 20
_SLICE = 1 << 14


@dataclass(frozen=True, slots=True)
class LoggedRequest:
    """A request and its answer; ``path`` includes the query, ``sent`` counts body bytes.

    ``conditional`` says whether the client sent If-None-Match or If-Modified-Since. ``host`` is
    without port; ``time`` are seconds of the machine's monotonic clock. A CONNECT that was
    refused stands here too, one that was granted does not: the requests through it do. A
    request that was cut off instead of answered has status 0.
    """

    method: str
    host: str
    path: str
    status: int
    sent: int
    conditional: bool
    scheme: str = "http"
    port: int = 80
    time: float = 0.0
    user_agent: str = ""
    referer: str = ""
    body: bytes = b""

    @property
    def url(self) -> str:
        """The address asked for."""
        return Request(self.method, self.scheme, self.host, self.port, self.path).base + self.path


class ProxyServer(ABC):
    """Hosts on loopback, answering while the context manager is open.

    ``port`` 0 takes a free one. ``log`` grows by one entry per request, ``visits`` counts the
    visits that pages show.
    """

    def __init__(self, port: int = 0, clock: Clock | None = None) -> None:
        self._wanted_port = port
        self._listeners: list[_Listener] = []
        self._threads: list[threading.Thread] = []
        self.clock = clock or Clock()
        self.log: list[LoggedRequest] = []
        self.visits: Iterator[int] = itertools.count(1_000)

    @abstractmethod
    def host(self, name: str, port: int) -> Host | None:
        """Return what answers at ``name`` and ``port``, None if nothing does."""

    @abstractmethod
    def known(self) -> list[str]:
        """Return the names of all hosts, for messages."""

    def tls(self, name: str, port: int) -> ssl.SSLContext | None:
        """Return the TLS context of a host, None where it does not speak TLS on ``port``."""
        return None

    @abstractmethod
    def ready(self) -> None:
        """Prepare what is served; called when the ports are known and before the first request."""

    def names(self) -> tuple[str | None, ...]:
        """Hosts that have a port of their own; None stands for a port that serves all by name."""
        return (None,)

    def __enter__(self) -> Self:
        """Start listening; OSError if the port is taken."""
        try:
            for offset, name in enumerate(self.names()):
                port = self._wanted_port + offset if self._wanted_port else 0
                self._listeners.append(_Listener(port, self, name))
        except OSError:
            self._close()
            raise
        self.ready()
        for listener in self._listeners:
            serve = partial(listener.serve_forever, poll_interval=_POLL_SECONDS)
            thread = threading.Thread(target=serve, name="sample portal", daemon=True)
            thread.start()
            self._threads.append(thread)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop listening, for good."""
        self.clock.stop()
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
    def ports(self) -> list[int]:
        """The ports listened on."""
        return [listener.server_port for listener in self._listeners]

    @property
    def port(self) -> int:
        """The port listened on, the first if there are several."""
        return self.ports[0]

    @property
    def proxy_url(self) -> str:
        """What ``http_proxy`` and ``https_proxy`` must be set to, so that the hosts' names work."""
        return f"http://127.0.0.1:{self.port}"


class _Listener(ThreadingHTTPServer):
    """One port; ``only_host`` is the host that it serves whatever name is asked for."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 64

    def __init__(self, port: int, owner: ProxyServer, only_host: str | None) -> None:
        self.owner = owner
        self.only_host = only_host
        self.connections: set[socket.socket] = set()
        super().__init__(("127.0.0.1", port), _Handler)

    def server_close(self) -> None:
        """Stop listening and cut the connections that clients keep open."""
        super().server_close()
        for connection in list(self.connections):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Pass over clients that hang up, which are no error of the server; report the rest."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "sample"
    sys_version = ""
    timeout = _IDLE_SECONDS
    # Headers and body leave together: two small writes would wait for the client's delayed ACK.
    wbufsize = 1 << 16
    server: _Listener
    tunnel: tuple[str, int] | None = None

    def setup(self) -> None:
        super().setup()
        self.server.connections.add(self.connection)

    def do_GET(self) -> None:
        self._answer()

    def do_HEAD(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    def do_CONNECT(self) -> None:
        name, _, port = self.path.rpartition(":")
        place = name.lower(), int(port) if port.isdigit() else 0
        context = self.server.owner.tls(*place)
        if context is None:
            self.close_connection = True
            request = Request("CONNECT", "https", place[0], place[1] or 443, "")
            self._send(request, _refusal("Nothing answers there."))
            return
        self.send_response_only(200, "Connection established")
        self.end_headers()
        self.wfile.flush()
        try:
            plain = self.connection
            self.connection = context.wrap_socket(plain, server_side=True)
            self.server.connections.discard(plain)
        except (ssl.SSLError, OSError):
            self.close_connection = True
            return
        self.tunnel = place
        self.server.connections.add(self.connection)
        self.rfile = self.connection.makefile("rb", self.rbufsize)
        self.wfile = self.connection.makefile("wb", self.wbufsize)

    def finish(self) -> None:
        self.server.connections.discard(self.connection)
        super().finish()
        if self.tunnel:
            with contextlib.suppress(OSError):
                self.connection.close()

    def log_message(self, format: str, *args: Any) -> None:
        """Keep quiet: the log is ``ProxyServer.log``."""

    def _request(self) -> Request:
        """Read the request, whether in proxy form or not."""
        parts = urlsplit(self.path)
        if self.tunnel:
            scheme, (name, port) = "https", self.tunnel
        else:
            scheme = "http"
            name, port = _place(parts.netloc if parts.scheme else self.headers.get("Host", ""))
        size = self.headers.get("Content-Length", "0")
        length = int(size) if size.isdigit() else 0
        if length > _LARGEST_BODY:
            self.close_connection = True
            length = 0
        return Request(
            self.command,
            scheme,
            self.server.only_host or name,
            80 if self.server.only_host else port,
            parts.path or "/",
            parts.query,
            {key.lower(): value for key, value in self.headers.items()},
            self.rfile.read(length) if length else b"",
        )

    def _answer(self) -> None:
        request = self._request()
        owner = self.server.owner
        host = owner.host(request.host, request.port)
        if host is None:
            names = ", ".join(owner.known())
            self._send(request, _refusal(f"No such host in the sample: {request.host}. Known: {names}."))
            return
        self._send(request, host.respond(request))

    def _send(self, request: Request, response: Response) -> None:
        body = response.body
        if VISITS.encode() in body:
            body = body.replace(VISITS.encode(), str(next(self.server.owner.visits)).encode())
        sent = b"" if self.command == "HEAD" or response.status == 304 else body
        self._log(request, response, len(sent))
        self.server.owner.clock.sleep(response.delay)
        if response.reset:
            self._reset()
            return
        self.send_response(response.status)
        for name, value in response.headers:
            if response.status != 304 or not name.lower().startswith("content-"):
                self.send_header(name, value)
        if response.status != 304:
            declared = len(body) if response.declared is None else response.declared
            self.send_header("Content-Length", str(declared))
            self.close_connection = self.close_connection or declared != len(body)
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        if response.pace is None:
            self.wfile.write(sent)
            return
        # A client that gave up must not keep this thread: writing to it fails.
        step = max(1, min(_SLICE, int(response.pace)))
        for start in range(0, len(sent), step):
            self.wfile.write(sent[start : start + step])
            self.wfile.flush()
            self.server.owner.clock.sleep(step / response.pace)

    def _log(self, request: Request, response: Response, sent: int) -> None:
        """Note the request when it comes, however late or badly it is then answered."""
        self.server.owner.log.append(
            LoggedRequest(
                request.method,
                request.host,
                request.target,
                0 if response.reset else response.status,
                0 if response.reset else sent,
                request.conditional,
                request.scheme,
                request.port,
                time.monotonic(),
                request.headers.get("user-agent", ""),
                request.headers.get("referer", ""),
                request.body,
            )
        )

    def _reset(self) -> None:
        """Cut the connection without a farewell, as a failing balancer does."""
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        os.close(self.connection.detach())


def _place(netloc: str) -> tuple[str, int]:
    """Name and port of a network location; one without a port is HTTP's own."""
    name, _, port = netloc.lower().partition(":")
    return name, int(port) if port.isdigit() else DEFAULT_PORTS["http"]


def _refusal(text: str) -> Response:
    return replace(content(f"{text}\n", "text/plain; charset=utf-8"), status=502)
