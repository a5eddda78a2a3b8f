"""Copies for serving: whole, tried, and put in place without a reader noticing."""

from __future__ import annotations

import asyncio
import hashlib
import re
import shutil
import socket
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import uvicorn
from sqlite_utils import Database

from archive import schema
from archive.errors import ArchiveError
from archive.lock import exclusive
from archive.store import Archive
from publish import publication
from publish.errors import SiteError
from publish.figures import ALL, statement
from publish.publication import Publication, current, downloads_of, publish
from publish.serve import build_published
from publish.succession import PublishedSite
from tests.publish.conftest import PLAIN, build_archive

pytestmark = pytest.mark.anyio


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    path = tmp_path / "archive.db"
    build_archive(path)
    with Archive.open(path) as opened:
        opened.db.execute("INSERT INTO _origins (url, title) VALUES ('http://a.example/', 'private')")
    return path


def test_copy_holds_the_public_rows_and_no_private_ones(archive: Path, tmp_path: Path) -> None:
    made = publish(archive, tmp_path / "site")
    database = current(tmp_path / "site")
    assert database.name == made.file
    with sqlite3.connect(archive) as source, sqlite3.connect(database) as copy:
        for table, count in made.tables.items():
            rows = source.execute(f"SELECT * FROM {table}").fetchall()
            assert len(rows) == count
            assert sorted(copy.execute(f"SELECT * FROM {table}"), key=repr) == sorted(rows, key=repr)
        assert copy.execute("SELECT count(*) FROM _origins").fetchone() == (0,)
        assert source.execute("SELECT count(*) FROM _origins").fetchone() > (0,)
    assert made.sha256 == hashlib.sha256(database.read_bytes()).hexdigest()
    assert Publication.load(database) == made


async def test_published_site_serves_pages_search_and_downloads(archive: Path, tmp_path: Path) -> None:
    made = await asyncio.to_thread(publish, archive, tmp_path / "site")
    site = build_published(current(tmp_path / "site"))
    for path in ("/", f"/archive/reports/{PLAIN}", "/archive/search?q=信访", "/-/downloads"):
        assert (await site.client.get(path)).status_code == 200, path
    listed = (await site.client.get("/-/downloads")).text
    for file in made.downloads:
        if not file.path.endswith(".json"):
            assert f"/downloads/{file.path}" in listed
        response = await site.client.get(f"/downloads/{file.path}")
        assert (response.status_code, file.path) == (200, file.path)
        assert hashlib.sha256(response.content).hexdigest() == file.sha256
    assert {file.path.split("/")[0] for file in made.downloads} == {"years", "provinces", "parquet"}
    assert (await site.client.get("/downloads/../archive.db")).status_code in (403, 404)


def test_downloads_are_the_slices_that_they_are_named_after(archive: Path, tmp_path: Path) -> None:
    publish(archive, tmp_path / "site")
    folder = downloads_of(current(tmp_path / "site"))
    with sqlite3.connect(archive) as source:
        years = {year for (year,) in source.execute("SELECT DISTINCT year FROM reports")}
    assert {path.name for path in (folder / "years").iterdir()} == {str(year) for year in years}
    content = (folder / "years" / "2024" / "reports.csv").read_bytes()
    assert content.startswith(b"\xef\xbb\xbf")
    assert PLAIN in content.decode()


def test_older_copies_are_removed_beyond_those_kept(archive: Path, tmp_path: Path) -> None:
    names = [publish(archive, tmp_path / "site", keep=2, downloads=False).file for _ in range(3)]
    assert sorted(path.name for path in (tmp_path / "site").glob("archive-*.db")) == names[1:]
    assert current(tmp_path / "site").name == names[2]


def test_copy_that_does_not_serve_takes_no_place(
    archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = publish(archive, tmp_path / "site", downloads=False).file

    async def fails(database: Path) -> None:
        raise SiteError(f"the copy {database} does not serve / (500); it is not used")

    monkeypatch.setattr(publication, "_try", fails)
    with pytest.raises(SiteError, match="it is not used"):
        publish(archive, tmp_path / "site", downloads=False)
    assert current(tmp_path / "site").name == before
    assert {path.name for path in (tmp_path / "site").glob("archive-*")} == {before, before.replace(".db", ".json")}


def test_what_a_killed_command_left_is_removed(archive: Path, tmp_path: Path) -> None:
    publish(archive, tmp_path / "site", downloads=False)
    left = tmp_path / "site" / "archive-20200101T000000000000Z.db"
    left.write_bytes(b"half")
    downloads_of(left).mkdir()
    publish(archive, tmp_path / "site", downloads=False)
    assert not left.exists()
    assert not downloads_of(left).exists()


def test_one_command_publishes_to_a_folder_at_a_time(archive: Path, tmp_path: Path) -> None:
    (tmp_path / "site").mkdir()
    with exclusive(tmp_path / "site" / ".lock", tmp_path), pytest.raises(ArchiveError, match="another nianbao command"):
        publish(archive, tmp_path / "site")


def test_folder_without_publication_is_told(tmp_path: Path) -> None:
    with pytest.raises(SiteError, match="nianbao publish"):
        PublishedSite(tmp_path, build_published)


class _Served:
    """The published site behind a real server, in a thread of its own."""

    def __init__(self, folder: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        config = uvicorn.Config(PublishedSite(folder, build_published, 0.1), port=port, log_level="warning")
        self.server = uvicorn.Server(config)
        self.thread = threading.Thread(target=self.server.run, daemon=True)
        self.thread.start()
        while not self.server.started:
            assert self.thread.is_alive()


@pytest.fixture
def served(archive: Path, tmp_path: Path) -> Iterator[_Served]:
    _mark(archive, 0)
    publish(archive, tmp_path / "site", downloads=False)
    site = _Served(tmp_path / "site")
    yield site
    site.server.should_exit = True
    site.thread.join(timeout=30)


def _mark(archive: Path, number: int) -> None:
    with sqlite3.connect(archive) as db:
        db.execute("UPDATE requests SET total = ?", (number,))


_BOTH = "/archive.json?sql=select+min(total)+as+low,+max(total)+as+high,+count(*)+as+n+from+requests&_shape=array"


async def test_changing_over_fails_no_request_and_mixes_no_answer(
    served: _Served, archive: Path, tmp_path: Path
) -> None:
    answers: list[tuple[int, int]] = []
    failed: list[str] = []
    done = asyncio.Event()

    async def read(client: httpx.AsyncClient) -> None:
        while not done.is_set():
            try:
                response = await client.get(_BOTH)
                [row] = response.json()
                answers.append((row["low"], row["high"]))
                page = await client.get(f"/archive/reports/{PLAIN}")
                if page.status_code != 200:
                    failed.append(str(page.status_code))
            except (httpx.HTTPError, ValueError, KeyError) as error:
                failed.append(repr(error))

    async with httpx.AsyncClient(base_url=served.url, timeout=60) as client:
        readers = [asyncio.create_task(read(client)) for _ in range(4)]
        for number in (1, 2, 3):
            _mark(archive, number)
            await asyncio.to_thread(publish, archive, tmp_path / "site", downloads=False)
            async with asyncio.timeout(60):
                while number not in {low for low, _high in answers}:
                    await asyncio.sleep(0.05)
        done.set()
        await asyncio.gather(*readers)
    assert failed == []
    assert all(low == high for low, high in answers)
    assert [low for low, _high in answers] != sorted({low for low, _high in answers})
    assert {low for low, _high in answers} == {0, 1, 2, 3}


async def test_what_did_not_change_is_not_made_again(served: _Served, archive: Path, tmp_path: Path) -> None:
    page = f"/archive/reports/{PLAIN}"
    async with httpx.AsyncClient(base_url=served.url, timeout=60) as client:
        first = await client.get(page)
        assert first.headers["cache-control"] == "public, max-age=60"
        tag = first.headers["etag"]
        again = await client.get(page, headers={"If-None-Match": f'"other", {tag}'})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
        other = await client.get(f"{page}?_x=1", headers={"If-None-Match": tag})
        assert other.status_code == 200
        in_english = await client.get(f"/en{page}", headers={"If-None-Match": tag})
        assert in_english.status_code == 200
        [style] = re.findall(r'href="(/static/[^"]*)"', first.text)
        assert "immutable" in (await client.get(style)).headers["cache-control"]
        missing = await client.get("/archive/reports/none", headers={"If-None-Match": tag})
        assert (missing.status_code, "etag" in missing.headers) == (404, False)
        _mark(archive, 7)
        await asyncio.to_thread(publish, archive, tmp_path / "site", downloads=False)
        async with asyncio.timeout(60):
            while (await client.get(page, headers={"If-None-Match": tag})).status_code == 304:
                await asyncio.sleep(0.05)


async def test_publication_that_cannot_be_served_leaves_the_one_before(archive: Path, tmp_path: Path) -> None:
    publish_now = asyncio.to_thread(publish, archive, tmp_path / "site", downloads=False)
    made = await publish_now
    site = PublishedSite(tmp_path / "site", build_published)
    shutil.copy(tmp_path / "site" / made.file, tmp_path / "site" / "archive-broken.db")
    (tmp_path / "site" / "current").unlink()
    (tmp_path / "site" / "current").symlink_to("archive-broken.db")
    with pytest.raises(SiteError, match="no manifest"):
        await site.renew()
    assert not await site.renew()
    transport = httpx.ASGITransport(app=site)
    async with httpx.AsyncClient(transport=transport, base_url="http://site.example") as client:
        assert (await client.get("/")).status_code == 200


def test_sums_are_not_quadratic_where_an_archive_has_no_statistics() -> None:
    db = Database(memory=True)
    schema.migrations.apply(db)
    plan = [row[3] for row in db.execute(f"explain query plan {statement(ALL)}").fetchall()]
    assert any("findings_report" in step for step in plan)
    assert not any("findings_severity" in step for step in plan)
