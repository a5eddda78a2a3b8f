"""A worker's process that crawls one portal: ``python -m cluster.crawling_process``, see :mod:`cluster.child`.

It is the crawl of a single machine, over an archive of its own that knows nothing but this portal.
"""

from __future__ import annotations

import logging
import os
import signal
import tempfile
import threading
import uuid
from dataclasses import asdict
from pathlib import Path
from typing import Any

from archive import times
from archive.store import program_version
from cluster import child, portal_state, tables, versions
from cluster.journal import JournalledArchive
from cluster.merge import JOURNAL
from cluster.storage import Storage
from cluster.units import Finished, Unit
from crawler.portals import Portal
from crawler.run import crawl


def work(job: dict[str, Any]) -> dict[str, Any]:
    """Crawl the portal of the unit for at most ``slice_seconds`` and write what that gave to the storage."""
    versions.require(job["versions"])
    storage = Storage(job["storage"])
    unit = Unit(**job["unit"])
    portal = Portal(**{**job["portal"], "start": tuple(job["portal"]["start"])})
    attempt = f"attempt-{uuid.uuid4().hex[:12]}"
    # Names the WARC files too, which so are those of this attempt alone.
    run_id = f"{job['run_id']}-{attempt.removeprefix('attempt-')}"
    with (
        tempfile.TemporaryDirectory(prefix="nianbao-", ignore_cleanup_errors=True) as folder,
        JournalledArchive.open(Path(folder) / "archive.db") as archive,
    ):
        assert isinstance(archive, JournalledArchive)
        run = {"id": run_id, "command": "crawl", "started_at": times.now(), "version": program_version()}
        archive.db["runs"].insert(run)
        archive.sync_portals([asdict(portal)])
        with archive.db.atomic():
            portal_state.receive(archive.db.conn, portal.id, run_id, storage, unit.known)
        archive.elsewhere = storage.record
        end = threading.Timer(job["slice_seconds"], os.kill, (os.getpid(), signal.SIGTERM))
        end.daemon = True
        end.start()
        (result,) = crawl(archive, [portal], run_id)
        end.cancel()
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        done = f"{unit.folder}/{attempt}"
        portal_state.give_back(archive.db.conn, portal.id, run_id, storage, done)
        tables.write(storage, f"{done}/{JOURNAL}", archive.journal())
        warcs = sorted(archive.captures_dir.glob("*.warc.gz"))
        for path in warcs:
            storage.put(f"{done}/{path.name}", path)
        Finished(done, result, tuple(path.name for path in warcs), job["state"]).write(storage)
    return {"attempt": attempt}


if __name__ == "__main__":
    logging.basicConfig(level=logging.WARNING)
    child.serve(work)
