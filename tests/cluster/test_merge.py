"""What workers write and what the merge makes of it, without a cluster: on a folder and on S3."""

from __future__ import annotations

import hashlib
import json
import shutil
import urllib.request
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from moto.server import ThreadedMotoServer

from archive import columns
from archive.frontier import Frontier, Lead
from archive.store import Archive
from cluster import merge, portal_state, tables, units
from cluster.errors import ClusterError
from cluster.journal import JournalledArchive
from cluster.storage import Storage
from cluster.units import Finished, Unit
from crawler.portals import Portal
from crawler.result import PortalResult
from parsers.extract import Origin

PORTAL = Portal("p0", "岚溪县人民政府", ("https://www.lanxi.gov.cn/",))
_TABLES = ("captures", "documents", "_page_captures", "_origins", "_frontier", "_sightings", "_columns", "portals")


@pytest.fixture(scope="module")
def bucket() -> Iterator[str]:
    """The address of a bucket of a server that speaks S3."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ACCESS_KEY_ID", "test")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "test")
        patch.setenv("AWS_DEFAULT_REGION", "us-east-1")
        server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
        server.start()
        host, port = server.get_host_and_port()
        patch.setenv("AWS_ENDPOINT_URL", f"http://{host}:{port}")
        request = urllib.request.Request(f"http://{host}:{port}/nianbao", method="PUT")
        urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=10)
        yield "s3://nianbao/work"
        server.stop()


@pytest.fixture(params=["folder", "archive", "s3"])
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> Storage:
    """Storage of each kind: apart from the archive, the archive's own folder, and S3."""
    if request.param == "s3":
        return Storage(f"{request.getfixturevalue('bucket')}/{tmp_path.name}")
    return Storage(str(tmp_path / ("main" if request.param == "archive" else "shared")))


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    (tmp_path / "main").mkdir()
    with Archive.open(tmp_path / "main" / "archive.db") as opened:
        opened.sync_portals([asdict(PORTAL)])
        yield opened


def _lead(path: str, kind: str = "report") -> Lead:
    return Lead(f"https://www.lanxi.gov.cn{path}", path, "www.lanxi.gov.cn", kind, 1, 5, {"listed": True})


def _crawl(archive: Archive, run_id: str, pages: dict[str, bytes], *, stop_after: int | None = None) -> PortalResult:
    """A crawl in miniature: fetches ``pages`` as far as the frontier has them not yet."""
    frontier, resumed = Frontier.open(archive.db, PORTAL.id, run_id)
    if not resumed:
        frontier.add(map(_lead, pages))
    while (stop_after is None or stop_after > 0) and (entry := frontier.claim(())):
        body, url = pages[entry.lead.key], entry.lead.url
        last = archive.last_capture(url, PORTAL.id)
        same = last is not None and last.etag == hashlib.md5(body).hexdigest()
        archive.record_capture(
            run_id,
            url,
            None if same else body,
            http_status=304 if same else 200,
            fetched_at="2026-03-01T08:00:00Z",
            portal_id=PORTAL.id,
            etag=hashlib.md5(body).hexdigest(),
            origin=Origin(url=url, title=f"title of {entry.lead.key}"),
            role="page" if entry.lead.key == "/list" else "document",
        )
        frontier.done(entry, {"document": True, "change": "same" if same else "new"}, [], requests=1, size=len(body))
        stop_after = None if stop_after is None else stop_after - 1
    result = PortalResult(PORTAL.id, "ok", None, found=len(pages), requests=frontier.cost()[0])
    if frontier.pending():
        frontier.interrupt({**result.row(), "status": "partial", "reason": "interrupted"})
    else:
        frontier.finish(result.row(), complete=True)
        learned = columns.LearnedColumn(_lead("/list", "column"), "trs", 2, 2024, PORTAL.start, "2026-03-01T08:00:00Z")
        columns.save(archive.db, PORTAL.id, [learned])
    return result


def _prepare(archive: Archive, storage: Storage) -> tuple[Unit, str]:
    unit = units.next_unit(archive, PORTAL.id)
    warcs = portal_state.send(archive.db.conn, PORTAL.id, storage, unit.known)
    if not storage.holds(archive.captures_dir):
        for name in warcs:
            storage.put(f"captures/{name}", archive.captures_dir / name)
    return unit, portal_state.digest(archive.db.conn, PORTAL.id)


def _attempt(
    folder: Path, storage: Storage, unit: Unit, state: str, name: str, pages: dict[str, bytes], **how: Any
) -> None:
    """What a worker does: :mod:`cluster.crawling_process` around the crawl in miniature."""
    folder.mkdir()
    with JournalledArchive.open(folder / "archive.db") as own:
        assert isinstance(own, JournalledArchive)
        run = f"run-{name}"
        own.db["runs"].insert({"id": run, "command": "crawl", "started_at": "2026-03-01T08:00:00Z"})
        own.sync_portals([asdict(PORTAL)])
        portal_state.receive(own.db.conn, PORTAL.id, run, storage, unit.known)
        own.elsewhere = storage.record
        result = _crawl(own, run, pages, **how)
        done = f"{unit.folder}/attempt-{name}"
        portal_state.give_back(own.db.conn, PORTAL.id, run, storage, done)
        tables.write(storage, f"{done}/{merge.JOURNAL}", own.journal())
        warcs = sorted(own.captures_dir.glob("*.warc.gz"))
        for path in warcs:
            storage.put(f"{done}/{path.name}", path)
    Finished(done, result, tuple(path.name for path in warcs), state).write(storage)


def _rows(archive: Archive) -> dict[str, list[tuple[Any, ...]]]:
    """All rows but ids, places and moments."""
    left_out = {"id", "run_id", "crawl_id", "warc", "offset", "length", "tried_at", "last_run_at", "capture_id"}
    found = {}
    for table in _TABLES:
        names = [name for name in tables.columns_of(archive.db.conn, table) if name not in left_out]
        names = [name for name in names if not name.endswith(("_seen_at", "ed_at"))] or ["count(*)"]
        found[table] = sorted(archive.db.conn.execute(f"SELECT {', '.join(names)} FROM {table}").fetchall(), key=repr)
    return found


PAGES = {"/list": b"<html>list</html>", "/a": b"<html>a</html>", "/b": b"<html>b</html>", "/c": b"<html>b</html>"}
ALTERED = {**PAGES, "/b": b"<html>another b</html>"}


def test_crawls_by_workers_leave_what_crawls_by_the_archive_leave(
    tmp_path: Path, archive: Archive, storage: Storage
) -> None:
    (tmp_path / "single").mkdir()
    with Archive.open(tmp_path / "single" / "archive.db") as single:
        single.sync_portals([asdict(PORTAL)])
        for number, pages in enumerate((PAGES, ALTERED, ALTERED)):
            _crawl(single, single.begin_run("crawl"), pages)
            run_id = archive.begin_run("crawl")
            unit, state = _prepare(archive, storage)
            _attempt(tmp_path / f"worker{number}", storage, unit, state, str(number), pages)
            assert merge.merge(archive, storage, unit, run_id) is not None
            assert _rows(single) == _rows(archive)
            assert merge.merge(archive, storage, unit, run_id) is None
        assert [row[2] for row in _rows(archive)["captures"] if row[1].endswith("/b")] == [200, 200, 304]
        for sha256, size in archive.db.conn.execute("SELECT sha256, bytes FROM documents"):
            assert len(archive.payload(sha256)) == size
    assert storage.names("cluster/units") in ([], [units.archive_id(archive)])
    assert list(units.all_units(storage, archive)) == []


def test_of_two_finished_attempts_one_counts_and_of_an_unfinished_one_none(
    tmp_path: Path, archive: Archive, storage: Storage
) -> None:
    run_id = archive.begin_run("crawl")
    unit, state = _prepare(archive, storage)
    storage.write(f"{unit.folder}/attempt-0/journal.parquet", b"half")
    assert units.finished(storage, unit) is None
    assert merge.merge(archive, storage, unit, run_id) is None
    for name in ("one", "two"):
        _attempt(tmp_path / name, storage, unit, state, name, PAGES)
    assert merge.merge(archive, storage, unit, run_id) is not None
    # One who was taken for lost ends after the merge.
    _attempt_again = tmp_path / "three"
    with pytest.raises(ClusterError, match=r"known/\w+\.parquet"):
        _attempt(_attempt_again, storage, unit, state, "three", PAGES)
    storage.write(f"{unit.folder}/attempt-four/finished.json", json.dumps({}).encode())
    assert merge.merge_left_over(archive, storage, run_id) == []
    assert archive.db.conn.execute("SELECT count(*) FROM captures").fetchone() == (len(PAGES),)
    assert list(units.all_units(storage, archive)) == []


def test_a_merge_that_was_killed_is_made_up_for(
    tmp_path: Path, archive: Archive, storage: Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_id = archive.begin_run("crawl")
    unit, state = _prepare(archive, storage)
    _attempt(tmp_path / "worker", storage, unit, state, "one", PAGES)

    def killed(*_arguments: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(portal_state, "take_back", killed)
        with pytest.raises(KeyboardInterrupt):
            merge.merge(archive, storage, unit, run_id)
    assert archive.db.conn.execute("SELECT count(*) FROM captures").fetchone() == (0,)
    with monkeypatch.context() as patch:
        patch.setattr(storage, "remove", killed)
        with pytest.raises(KeyboardInterrupt):
            merge.merge(archive, storage, unit, run_id)
    assert merge.merge_left_over(archive, storage, run_id) == []
    assert archive.db.conn.execute("SELECT count(*) FROM captures").fetchone() == (len(PAGES),)
    assert len(list(archive.captures_dir.glob("*.warc.gz"))) == 1


def test_an_interrupted_crawl_goes_on_by_another_worker(tmp_path: Path, archive: Archive, storage: Storage) -> None:
    run_id = archive.begin_run("crawl")
    for number, stop_after in enumerate((2, None)):
        unit, state = _prepare(archive, storage)
        _attempt(tmp_path / str(number), storage, unit, state, str(number), PAGES, stop_after=stop_after)
        merge.merge(archive, storage, unit, run_id)
    crawls = archive.db.conn.execute("SELECT run_id, finished_at IS NULL, requests FROM _crawls").fetchall()
    assert crawls == [(run_id, 0, len(PAGES))]
    assert [row[2] for row in _rows(archive)["captures"]] == [200] * len(PAGES)


def test_where_the_portal_was_crawled_otherwise_only_captures_are_kept(
    tmp_path: Path, archive: Archive, storage: Storage
) -> None:
    run_id = archive.begin_run("crawl")
    unit, state = _prepare(archive, storage)
    _attempt(tmp_path / "worker", storage, unit, state, "one", PAGES)
    _crawl(archive, archive.begin_run("crawl"), {**ALTERED, "/d": b"<html>d</html>"})
    before = {table: rows for table, rows in _rows(archive).items() if table in ("_frontier", "_sightings", "_columns")}
    assert merge.merge_left_over(archive, storage, run_id) == [PORTAL.id]
    after = _rows(archive)
    assert {table: after[table] for table in before} == before
    assert len(after["captures"]) == 2 * len(PAGES) + 1


def test_another_portals_or_a_lost_document_is_asked_for_as_if_it_were_new(
    tmp_path: Path, archive: Archive, storage: Storage
) -> None:
    _crawl(archive, archive.begin_run("crawl"), PAGES)
    shutil.rmtree(archive.captures_dir)
    archive.db.execute("INSERT INTO _lost_documents SELECT sha256 FROM documents")
    run_id = archive.begin_run("crawl")
    unit, state = _prepare(archive, storage)
    _attempt(tmp_path / "worker", storage, unit, state, "one", PAGES)
    merge.merge(archive, storage, unit, run_id)
    assert archive.db.conn.execute("SELECT count(*) FROM _lost_documents").fetchone() == (0,)
    for (sha256,) in archive.db.conn.execute("SELECT sha256 FROM documents").fetchall():
        assert archive.payload(sha256)


def test_what_cannot_be_read_or_written_is_said(storage: Storage) -> None:
    with pytest.raises(ClusterError, match="cannot read none in "):
        storage.read("none")
    assert storage.size("none") is None
    assert storage.names("none") == []
    storage.remove("none")
