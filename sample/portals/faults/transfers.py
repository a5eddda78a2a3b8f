"""Answers that come late, slowly, in part, garbled or enormous."""

from __future__ import annotations

import gzip
import threading
from collections.abc import Callable
from dataclasses import replace

from sample.portals.faults.fault import Fault, at, everywhere, one_file, one_page
from sample.portals.site import Site
from sample.web import Filter, Handler, Request, Response

LATE_SECONDS = 25
DRIP_BYTES_PER_SECOND = 1
SENT_SHARE = 0.62
LARGE_BYTES = 30 * 1024 * 1024


def _late(site: Site) -> None:
    """The list and one report keep the visitor waiting for the first byte."""

    def late(request: Request, /, handler: Handler) -> Response:
        return replace(handler(request), delay=LATE_SECONDS)

    at(site, site.truth().reports[0].list_page, late)
    at(site, one_page(site), late)


def _drip(site: Site) -> None:
    """One file comes so slowly that it never ends."""
    file = one_file(site)
    at(site, file, lambda request, /, handler: replace(handler(request), pace=DRIP_BYTES_PER_SECOND))
    site.lose(file, "timeout")


def _truncated(times: int | None) -> Callable[[Site], None]:
    """One file breaks off, ``times`` times or always."""

    def strike(site: Site) -> None:
        file = one_file(site)
        at(site, file, _so_often(times, _cut))
        if times is None:
            site.lose(file, "truncated")

    return strike


def _cut(response: Response) -> Response:
    return replace(response, body=response.body[: int(len(response.body) * SENT_SHARE)], declared=len(response.body))


def _zipped(*, broken: bool) -> Callable[[Site], None]:
    """Everything comes compressed, asked for or not; one page comes broken."""

    def zipped(request: Request, /, handler: Handler) -> Response:
        response = handler(request)
        if response.status == 304 or not response.body:
            return response
        # Visit counters would be put in after compression, so they must not stand there.
        body = gzip.compress(response.body, mtime=0)
        return replace(response, body=body).with_headers(Content_Encoding="gzip")

    def garbled(request: Request, /, handler: Handler) -> Response:
        response = zipped(request, handler)
        middle = len(response.body) // 2
        return replace(response, body=response.body[:middle] + bytes(64) + response.body[middle + 64 :])

    def strike(site: Site) -> None:
        if broken:
            page = one_page(site)
            at(site, page, garbled)
            site.lose(page, "corrupted")
        else:
            everywhere(site, zipped)

    return strike


def _large(site: Site) -> None:
    """One file is a sound PDF of 30 MB, more than is read."""
    file = one_file(site)
    at(site, file, lambda request, /, handler: _grown(handler(request)))
    site.lose(file, "too_big")


def _grown(response: Response) -> Response:
    return replace(response, body=grow_pdf(response.body, LARGE_BYTES))


def grow_pdf(payload: bytes, size: int) -> bytes:
    """Return a PDF that reads the same and has at least ``size`` bytes.

    An incremental update adds an object that nothing refers to.
    """
    number = int(payload.rpartition(b"/Size ")[2].split()[0].rstrip(b"/>"))
    root = payload.rpartition(b"/Root ")[2].split(b" R")[0]
    start = payload.rpartition(b"startxref")[2].split()[0]
    filling = bytes(max(0, size - len(payload)))
    offset = len(payload) + 1
    added = b"\n%d 0 obj\n<</Length %d>>\nstream\n%s\nendstream\nendobj\n" % (number, len(filling), filling)
    table = b"xref\n%d 1\n%010d 00000 n \n" % (number, offset)
    trailer = b"trailer\n<</Size %d/Root %s R/Prev %s>>\nstartxref\n%d\n%%%%EOF\n" % (
        number + 1,
        root,
        start,
        len(payload) + len(added),
    )
    return payload + added + table + trailer


def _so_often(times: int | None, change: Callable[[Response], Response]) -> Filter:
    """Change the first ``times`` answers, or all."""
    lock = threading.Lock()
    left = [times]

    def filter_(request: Request, /, handler: Handler) -> Response:
        response = handler(request)
        with lock:
            if left[0] == 0:
                return response
            if left[0] is not None:
                left[0] -= 1
        return change(response)

    return filter_


FAULTS = (
    Fault("late", f"the list and a report wait {LATE_SECONDS} s before the first byte", _late),
    Fault("drip", "a file comes at one byte a second", _drip),
    Fault("truncated_once", "a file breaks off the first time", _truncated(1)),
    Fault("truncated", "a file always breaks off", _truncated(None)),
    Fault("gzip", "everything is compressed unasked", _zipped(broken=False)),
    Fault("gzip_broken", "a page is compressed and corrupted", _zipped(broken=True)),
    Fault("large", "a file has 30 MB", _large),
)
