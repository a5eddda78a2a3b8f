"""What a fault is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sample.portals.site import Site
from sample.portals.truth import ExpectedReport
from sample.web import Filter, Handler, Request, Response

ROBOTS = "/robots.txt"


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault: ``strike`` lets it befall a site and corrects what is expected of it."""

    name: str
    about: str
    strike: Callable[[Site], None]


def everywhere(site: Site, filter_: Filter) -> None:
    """Put a filter before all hosts of a site."""
    for host in {id(host): host for host in site.hosts.values()}.values():
        host.filters.insert(0, filter_)


def at(site: Site, url: str, filter_: Filter) -> None:
    """Put a filter before one address of a site."""

    def only_there(request: Request, /, handler: Handler) -> Response:
        return filter_(request, handler) if request.base + request.target == url else handler(request)

    everywhere(site, only_there)


def one_file(site: Site) -> str:
    """The address of a file that holds a report, the same for the same site."""
    return next(report.sources[0] for report in site.truth().reports if _is_file(report))


def one_page(site: Site) -> str:
    """The address of a page that holds a report, the same for the same site."""
    return next(report.sources[0] for report in site.truth().reports if not _is_file(report))


def _is_file(report: ExpectedReport) -> bool:
    return any(file.url == report.sources[0] for file in report.attachments)
