"""Answers that put the visitor off, send it round in circles or give it something else."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import replace

from sample.portals.faults.fault import ROBOTS, Fault, at, everywhere, one_file, one_page
from sample.portals.site import Site
from sample.templating import render
from sample.web import Handler, Request, Response, content, missing, redirect

RETRY_AFTER = 2
_HTML = "text/html; charset=utf-8"


def _busy(status: int) -> Callable[[Site], None]:
    def strike(site: Site) -> None:
        """Put the visitor off once at every address; ``Retry-After`` says until when."""
        lock = threading.Lock()
        asked: Counter[str] = Counter()
        until: dict[str, float] = {}
        clock = site.setting.clock

        def busy(request: Request, /, handler: Handler) -> Response:
            with lock:
                asked[request.target] += 1
                first = asked[request.target] == 1
                if first:
                    until[request.target] = clock.now() + RETRY_AFTER
                early = clock.now() < until[request.target]
            if request.path == ROBOTS or not early:
                return handler(request)
            return content("服务繁忙，请稍后再试", _HTML, status, Retry_After=str(RETRY_AFTER))

        everywhere(site, busy)

    return strike


def _down(site: Site) -> None:
    """Nothing but robots.txt is ever answered."""

    def down(request: Request, /, handler: Handler) -> Response:
        if request.path == ROBOTS:
            return handler(request)
        return content("Service Unavailable", _HTML, 503, Retry_After=str(RETRY_AFTER))

    everywhere(site, down)
    site.end("failed", "failed:http:503")


def _moved(site: Site) -> None:
    """The whole site moved to another host, where there is nothing."""

    def moved(request: Request, /, handler: Handler) -> Response:
        if request.host.startswith("new."):
            return missing(request)
        return redirect(f"{request.scheme}://new.{request.host.removeprefix('www.')}{request.target}", 301)

    for name, port in list(site.hosts):
        site.add_host(f"new.{name.removeprefix('www.')}", port)
    everywhere(site, moved)
    site.end("failed", None)


def _promised(site: Site) -> None:
    """The list's pager promises two pages that do not exist."""
    pager, promise = b"createPageHTML(1, 0,", b"createPageHTML(3, 0,"

    def promised(request: Request, /, handler: Handler) -> Response:
        response = handler(request)
        return replace(response, body=response.body.replace(pager, promise))

    at(site, site.truth().reports[0].list_page, promised)
    site.status, site.reason = "partial", "partial:declared_pages"


def _loop(site: Site) -> None:
    """One report's address leads to another, and that one back."""
    page = one_page(site)
    other = page.removesuffix(".html") + "_old.html?from=list"
    at(site, page, lambda request, /, handler: redirect(other, 302))
    at(site, other, lambda request, /, handler: redirect(page, 302))
    site.lose(page, "redirects")


def _login(site: Site) -> None:
    """A file's address answers with a page to log in at."""
    file = one_file(site)
    at(site, file, lambda request, /, handler: content(render("portals/faults/login.html"), _HTML))
    site.lose(file, "login")


FAULTS = (
    Fault("busy_429", "429 with Retry-After, once at every address", _busy(429)),
    Fault("busy_503", "503 with Retry-After, once at every address", _busy(503)),
    Fault("down", "503 for ever", _down),
    Fault("moved", "the site moved to a host where there is nothing", _moved),
    Fault("promised", "a list promises pages that do not exist", _promised),
    Fault("loop", "a report's address redirects in a circle", _loop),
    Fault("login", "a file's address answers with a page to log in at", _login),
)
