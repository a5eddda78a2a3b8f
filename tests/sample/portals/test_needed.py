"""The requests that each site calls necessary: they can be made, and they are enough."""

from __future__ import annotations

import httpx
import pytest

from sample.portals.server import PortalServer
from tests.sample.portals.visitor import Visitor

SITES = [f"S{number}" for number in (*range(1, 11), 12)]
_EVERY = 4


def ask(visitor: Visitor, need: str) -> httpx.Response:
    method, url, *rest = need.split(" ", 2)
    body = rest[0] if rest else ""
    kind = "application/json" if body.startswith("{") else "application/x-www-form-urlencoded"
    headers = {"Content-Type": kind, "Referer": url}
    return visitor.client.request(method, url, content=body or None, headers=headers)


@pytest.mark.parametrize("key", SITES)
def test_each_can_be_made(key: str) -> None:
    with PortalServer([key], speed=1e6) as server, Visitor(server, key) as visitor:
        needed = visitor.truth.needed
        articles = {f"GET {url}" for report in visitor.truth.reports for url in (*report.urls, *report.sources)}
        chosen = [need for need in needed if need not in articles] + sorted(articles & set(needed))[::_EVERY]
        for need in chosen:
            response = ask(visitor, need)
            assert response.status_code in ((200, 301, 404) if "robots.txt" in need else (200, 301)), need
            # An interface that was asked wrongly answers with next to nothing.
            assert len(response.content) > 60 or response.is_redirect or "robots.txt" in need, need


@pytest.mark.parametrize("key", SITES)
def test_they_hold_every_report(key: str) -> None:
    truth = PortalServer([key]).truth(key)
    got = {need.split(" ")[1] for need in truth.needed}
    for report in truth.reports:
        sources = set(report.sources)
        assert sources <= got if report.reading == "pictures" else sources & got, report.key
