import hashlib
from pathlib import Path

import pytest
from datasette.app import Datasette

from archive.store import Archive
from publish.serve import build_app

pytestmark = pytest.mark.anyio

PAGE = "<!doctype html><title>年报</title><script>alert(1)</script>".encode()
SHA256 = hashlib.sha256(PAGE).hexdigest()


@pytest.fixture
def captured(tmp_path: Path) -> Path:
    path = tmp_path / "archive.db"
    with Archive.open(path) as archive:
        run = archive.begin_run("test")
        archive.record_capture(
            run, "https://xugou.example/a.html", PAGE, fetched_at="2025-02-01T08:00:00Z", http_status=200
        )
        archive.finish_run(run)
    return path


async def test_the_bytes_come_back_as_an_inert_download(captured: Path) -> None:
    response = await build_app(captured).client.get(f"/-/original/{SHA256}")
    assert response.status_code == 200
    assert response.content == PAGE
    assert response.headers["content-disposition"] == f'attachment; filename="{SHA256[:16]}.html"'
    assert response.headers.get_list("content-security-policy") == ["default-src 'none'; sandbox"]
    assert response.headers["x-content-type-options"] == "nosniff"


async def test_reading_changes_nothing(captured: Path) -> None:
    before = captured.read_bytes()
    site = build_app(captured)
    for path in (f"/-/original/{SHA256}", f"/archive/documents/{SHA256}"):
        assert (await site.client.get(path)).status_code == 200
    assert captured.read_bytes() == before


async def test_a_hostile_media_type_is_not_passed_on(captured: Path) -> None:
    with Archive.open(captured) as archive, archive.db.conn:
        archive.db.conn.execute("update documents set media_type = ?", ("text/html\r\nx-evil: 1",))
    response = await build_app(captured).client.get(f"/-/original/{SHA256}")
    assert response.headers["content-type"] == "application/octet-stream"
    assert "x-evil" not in response.headers


@pytest.mark.parametrize("sha256", ["0" * 64, "zz", f"{SHA256}/x", "..%2farchive.db"])
async def test_unknown_documents_are_not_found(captured: Path, sha256: str) -> None:
    assert (await build_app(captured).client.get(f"/-/original/{sha256}")).status_code in (302, 404)


async def test_a_missing_file_is_said_plainly(captured: Path, caplog: pytest.LogCaptureFixture) -> None:
    site: Datasette = build_app(captured)
    for warc in (captured.parent / "captures").glob("*.warc.gz"):
        warc.unlink()
    response = await site.client.get(f"/-/original/{SHA256}")
    assert response.status_code == 503
    assert "No such file" in caplog.text
    assert str(captured.parent) not in response.text
