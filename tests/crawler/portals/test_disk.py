"""The disk fills up in the middle of a crawl: one line says so, and the next crawl completes it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.crawler.portals.kills import CRAWL, SECONDS, serve
from tests.e2e import program

pytestmark = pytest.mark.e2e

FULL_AFTER = 8
# Every command of the folder finds the disk full once it has brought some records there.
FULL = f"""
import errno, os
left = {FULL_AFTER}
plain = os.fsync
def fsync(descriptor):
    global left
    left -= 1
    if left < 0:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    plain(descriptor)
os.fsync = fsync
"""


def test_a_full_disk_stops_the_crawl_and_loses_nothing(tmp_path: Path) -> None:
    patch = tmp_path / "patch"
    patch.mkdir()
    (patch / "sitecustomize.py").write_text(FULL, "utf-8")
    with serve("S11o", tmp_path) as server:
        done = program.finish(program.start(tmp_path, *CRAWL, proxy=server.proxy_url, before=patch), SECONDS)
        assert done.returncode == 1
        assert program.query(tmp_path, "SELECT status, status_reason FROM portals") == [("partial", "interrupted")]
        ((kept,),) = program.query(tmp_path, "SELECT count(*) FROM captures")
        # Besides the progress there is one line, with what to do.
        (line,) = (line for line in done.stderr.splitlines() if line.startswith("Error: "))
        assert "No space left" in line
        assert "free space" in line
        done = program.finish(program.start(tmp_path, *CRAWL, proxy=server.proxy_url), SECONDS)
        count = len(server.truth("S11o").reports)
    assert done.returncode == 0
    assert program.query(tmp_path, "SELECT count(*) FROM reports") == [(count,)]
    assert kept > 0
