"""Requests and responses of the sample's hosts, apart from how they travel."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from email.utils import format_datetime, parsedate_to_datetime
from functools import partial
from http.cookies import CookieError, SimpleCookie
from typing import Protocol
from urllib.parse import parse_qsl, unquote

from sample.resources import LazyResource, Resource

DEFAULT_PORTS = {"http": 80, "https": 443}


class Clock:
    """Time for delays and rate limits; ``speed`` 10 makes ten of its seconds pass in one."""

    def __init__(self, speed: float = 1.0) -> None:
        self.speed = speed
        self._stopped = threading.Event()

    def now(self) -> float:
        """Seconds since some moment in the past."""
        return time.monotonic() * self.speed

    def sleep(self, seconds: float) -> None:
        """Wait ``seconds`` of this clock, or until it is stopped."""
        if seconds > 0:
            self._stopped.wait(seconds / self.speed)

    def stop(self) -> None:
        """Let nobody wait any longer."""
        self._stopped.set()


@dataclass(frozen=True, slots=True)
class Request:
    """A request as a host sees it.

    ``host`` is lower-case and without port, ``path`` still percent-encoded, ``query`` without
    its question mark. Names in ``headers`` are lower-case.
    """

    method: str
    scheme: str
    host: str
    port: int
    path: str
    query: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    @property
    def target(self) -> str:
        """Path and query."""
        return f"{self.path}?{self.query}" if self.query else self.path

    @property
    def base(self) -> str:
        """Root URL of the host without the last slash; the scheme's own port is left out."""
        place = self.host if self.port == DEFAULT_PORTS[self.scheme] else f"{self.host}:{self.port}"
        return f"{self.scheme}://{place}"

    @property
    def parameters(self) -> dict[str, str]:
        """The query's parameters, read as UTF-8; the first of a name counts."""
        return _pairs(self.query)

    @property
    def form(self) -> dict[str, str]:
        """The parameters of a form sent as the body."""
        return _pairs(self.body.decode("latin-1"))

    @property
    def cookies(self) -> dict[str, str]:
        """The cookies sent along; none if they cannot be read."""
        try:
            return {name: morsel.value for name, morsel in SimpleCookie(self.headers.get("cookie", "")).items()}
        except CookieError:
            return {}

    @property
    def conditional(self) -> bool:
        """Whether the client asks only for what has changed."""
        return "if-none-match" in self.headers or "if-modified-since" in self.headers


def _pairs(text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in parse_qsl(text, keep_blank_values=True, encoding="utf-8", errors="replace"):
        found.setdefault(name, value)
    return found


@dataclass(frozen=True, slots=True)
class Response:
    """A response, and how badly it is to be sent.

    ``delay`` are seconds before the first byte, ``pace`` bytes a second of the body,
    ``declared`` the Content-Length where it lies, ``reset`` cuts the connection instead of
    answering. Values of ``headers`` are sent byte for byte as Latin-1.
    """

    body: bytes = b""
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    delay: float = 0.0
    pace: float | None = None
    declared: int | None = None
    reset: bool = False

    def header(self, name: str) -> str | None:
        """The first header of this name, whatever its case."""
        return next((value for other, value in self.headers if other.lower() == name.lower()), None)

    def with_headers(self, **values: str) -> Response:
        """This response with headers set; an underscore in a name stands for a hyphen."""
        names = {name.replace("_", "-"): value for name, value in values.items()}
        lowered = {name.lower() for name in names}
        kept = tuple(pair for pair in self.headers if pair[0].lower() not in lowered)
        return replace(self, headers=(*kept, *names.items()))


def content(body: bytes | str, content_type: str, status: int = 200, /, **headers: str) -> Response:
    """Return a response with a body; text is sent as UTF-8."""
    data = body.encode() if isinstance(body, str) else body
    return Response(data, status, (("Content-Type", content_type),)).with_headers(**headers)


def redirect(location: str, status: int = 302, /, **headers: str) -> Response:
    """Return a response that sends the client elsewhere."""
    return content("已移动。\n", "text/plain; charset=utf-8", status, Location=location, **headers)


def missing(request: Request) -> Response:
    """Return the plain 404."""
    return content("您访问的页面不存在。\n", "text/plain; charset=utf-8", 404)


Handler = Callable[[Request], Response]


class Filter(Protocol):
    """Stands before a host's handler: may answer itself or change what the handler answers."""

    def __call__(self, request: Request, /, handler: Handler) -> Response:
        """Answer ``request``, asking ``handler`` for what would be answered without this filter."""
        ...


@dataclass(slots=True)
class Host:
    """What one name answers.

    ``encoding`` and ``html_type`` are those of its pages. ``dynamic`` handlers are asked before
    ``resources``, by exact path; ``prefixes`` after them, the longest first. ``indexes`` are the
    names under which a folder's page stands too. The first of ``filters`` sees a request first.
    """

    encoding: str = "utf-8"
    html_type: str = "text/html; charset=utf-8"
    resources: dict[str, Resource | LazyResource] = field(default_factory=dict)
    dynamic: dict[str, Handler] = field(default_factory=dict)
    prefixes: dict[str, Handler] = field(default_factory=dict)
    filters: list[Filter] = field(default_factory=list)
    indexes: tuple[str, ...] = ("index.html",)
    missing: Handler = missing

    def page(self, path: str, make: Callable[[], str], encoding: str | None = None) -> None:
        """Add a page without validators, made when it is first asked for."""
        self.resources[path] = LazyResource(lambda: make().encode(encoding or self.encoding), self.html_type)

    def respond(self, request: Request) -> Response:
        """Answer a request; HEAD is answered like GET, its body is dropped on sending."""
        handler: Handler = self._find
        for filter_ in reversed(self.filters):
            handler = partial(filter_, handler=handler)
        return handler(request)

    def find(self, path: str) -> Resource | LazyResource | None:
        """Return what stands at ``path``; a folder's index stands at all of its names."""
        found = self.resources.get(path) or self.resources.get(unquote(path))
        if found is None:
            index = next((name for name in self.indexes if path.endswith(f"/{name}")), None)
            found = self.resources.get(path.removesuffix(index)) if index else None
        return found

    def _find(self, request: Request) -> Response:
        handler = self.dynamic.get(request.path) or self.dynamic.get(unquote(request.path))
        if handler is None and self.prefixes:
            fitting = [prefix for prefix in self.prefixes if request.path.startswith(prefix)]
            handler = self.prefixes[max(fitting, key=len)] if fitting else None
        if handler is not None:
            return handler(request)
        if request.method not in ("GET", "HEAD"):
            return content("本系统不接收提交。\n", "text/plain; charset=utf-8", 405)
        resource = self.find(request.path)
        if resource is not None:
            return _static(request, resource)
        if self.find(f"{request.path}/") is not None or f"{request.path}/" in self.dynamic:
            return redirect(f"{request.path}/", 301)
        return self.missing(request)


def _static(request: Request, resource: Resource | LazyResource) -> Response:
    response = content(resource.body, resource.content_type)
    if resource.last_modified is None:
        return response
    response = response.with_headers(
        ETag=resource.etag or "", Last_Modified=format_datetime(resource.last_modified, usegmt=True)
    )
    return replace(response, status=304, body=b"") if _unchanged(request, resource) else response


def _unchanged(request: Request, resource: Resource | LazyResource) -> bool:
    tags = request.headers.get("if-none-match")
    if tags is not None:
        known = {tag.strip().removeprefix("W/") for tag in tags.split(",")}
        return resource.etag in known or "*" in known
    since = request.headers.get("if-modified-since")
    if since is None or resource.last_modified is None:
        return False
    try:
        return resource.last_modified <= parsedate_to_datetime(since)
    except (ValueError, TypeError):
        return False
