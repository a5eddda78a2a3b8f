"""What robots.txt says, and what it means that it cannot be had (RFC 9309)."""

from __future__ import annotations

from collections.abc import Callable

from sample.portals.faults.fault import ROBOTS, Fault, everywhere
from sample.portals.site import Site
from sample.web import Handler, Request, Response, content

_PLAIN = "text/plain; charset=utf-8"
_NEVER = 3_600.0


def _robots(answer: Callable[[], Response], *, closed: bool) -> Callable[[Site], None]:
    """A fault that answers for robots.txt; ``closed`` says whether that closes the site."""

    def strike(site: Site) -> None:
        def robots(request: Request, /, handler: Handler) -> Response:
            return answer() if request.path == ROBOTS else handler(request)

        everywhere(site, robots)
        if closed:
            site.end("robots", "robots")

    return strike


FAULTS = (
    Fault(
        "robots_all",
        "robots.txt forbids everything",
        _robots(lambda: content("User-agent: *\nDisallow: /\n", _PLAIN), closed=True),
    ),
    Fault(
        "robots_403",
        "robots.txt is forbidden itself, which forbids nothing",
        _robots(lambda: content("Forbidden", "text/html", 403), closed=False),
    ),
    Fault(
        "robots_500",
        "robots.txt fails, so everything is forbidden",
        _robots(lambda: content("Internal Server Error", "text/html", 500), closed=True),
    ),
    Fault(
        "robots_silent",
        "robots.txt never answers, so everything is forbidden",
        _robots(lambda: Response(delay=_NEVER, reset=True), closed=True),
    ),
)
