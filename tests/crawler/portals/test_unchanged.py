"""A second crawl of portals that tell what has not changed: lists come as 304 and count like sent ones."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

import pytest

from sample.portals.faults.fault import ROBOTS, everywhere
from sample.web import Handler, Request, Response
from tests.crawler.portals.kills import content
from tests.crawler.portals.measured import measure, served
from tests.e2e import program

pytestmark = pytest.mark.e2e

COUNTS = ("status", "reason", "listed", "found", "failed", "vanished")


def _validated(request: Request, /, handler: Handler) -> Response:
    """Send an ETag with everything, and keep to RFC 9110 when it comes back."""
    response = handler(request)
    if response.status != 200 or request.path == ROBOTS:
        return response
    tag = f'"{hashlib.md5(response.body).hexdigest()}"'
    if request.headers.get("if-none-match") != tag:
        return response.with_headers(ETag=tag)
    # Anything but GET and HEAD fails on a match.
    status = 304 if request.method in ("GET", "HEAD") else 412
    return replace(response, status=status, body=b"").with_headers(ETag=tag)


@pytest.mark.parametrize("key", ["S1", "S3", "S9"])
def test_lists_that_have_not_changed_count_like_those_sent(key: str, tmp_path: Path) -> None:
    with served(key, speed=20.0) as server:
        server.visits = iter(lambda: 1000, None)
        everywhere(server.site(key), _validated)
        first = measure(tmp_path, server, key, extract=True)
        before, asked = content(tmp_path), len(server.log)
        again = measure(tmp_path, server, key, extract=True)
        log = [entry for entry in server.log[asked:] if not entry.path.endswith(ROBOTS)]
    assert {name: again.row[name] for name in COUNTS} == {name: first.row[name] for name in COUNTS}
    assert (again.row["new"], again.row["changed"]) == (0, 0)
    assert again.missed == []
    assert program.differences(before, content(tmp_path), tuple(before.keys() - {"captures", "portal_runs"})) == {}
    # Whatever was kept had not changed, as far as it is asked for by GET; nothing else was asked conditionally.
    kept = {row[0] for row in program.query(tmp_path, "SELECT url FROM captures WHERE sha256 IS NOT NULL")}
    assert {entry.status for entry in log if entry.method == "GET" and entry.url in kept} == {304}
    assert any(entry.status == 304 for entry in log)
    assert {entry.status for entry in log if entry.method == "POST"} <= {200}
    # No document was read again.
    run = program.query(tmp_path, "SELECT max(id) FROM runs")[0][0]
    assert program.query(tmp_path, "SELECT count(*) FROM _extractions WHERE run_id = ?", run) == [(0,)]
