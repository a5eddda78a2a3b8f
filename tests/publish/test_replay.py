"""One capture as a WARC file, and the link that opens it in a viewer of web archives."""

from __future__ import annotations

import hashlib
import io
from pathlib import Path
from urllib.parse import parse_qs, quote, unquote, urlsplit

import pytest
from datasette.utils.asgi import Request
from warcio.archiveiterator import ArchiveIterator

from archive.store import Archive
from publish import replay
from publish.replay import VIEWER
from publish.serve import build_app

pytestmark = pytest.mark.anyio

URL = "https://xugou.example/年报.html"
PAGE = "<!doctype html><title>年报</title><script>alert(1)</script>".encode()
SHA256 = hashlib.sha256(PAGE).hexdigest()
PATH = f"/-/warc/{SHA256}.warc.gz"


@pytest.fixture
def captured(tmp_path: Path) -> Path:
    path = tmp_path / "archive.db"
    with Archive.open(path) as archive:
        run = archive.begin_run("test")
        for number, payload in enumerate([b"<p>another", PAGE, b"<p>one more"]):
            archive.record_capture(
                run, URL if payload is PAGE else f"https://xugou.example/{number}.html", payload,
                fetched_at="2025-02-01T08:00:00Z", http_status=200,
                response_headers=[("Content-Type", "text/html; charset=utf-8")],
            )  # fmt: skip
        archive.finish_run(run)
    return path


async def test_the_file_holds_this_capture_and_no_other(captured: Path) -> None:
    response = await build_app(captured).client.get(PATH)
    assert response.status_code == 200
    records = [
        (record.rec_type, record.rec_headers.get_header("WARC-Target-URI"), record.raw_stream.read())
        for record in ArchiveIterator(io.BytesIO(response.content))
    ]
    assert [kind for kind, _url, _payload in records] == ["warcinfo", "response"]
    _kind, url, payload = records[1]
    assert unquote(url) == URL
    assert payload == PAGE


async def test_only_the_viewer_may_fetch_it_from_another_site(captured: Path) -> None:
    headers = (await build_app(captured).client.get(PATH)).headers
    assert headers["access-control-allow-origin"] == VIEWER
    assert headers["access-control-expose-headers"] == "Content-Length"
    assert int(headers["content-length"]) > 0
    assert headers["content-security-policy"] == "default-src 'none'; sandbox"
    assert headers["content-disposition"].startswith("attachment")


async def test_what_is_not_there_too_large_or_damaged(captured: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    site = build_app(captured)
    for path in (f"/-/warc/{'0' * 64}.warc.gz", "/-/warc/..%2farchive.db", f"/-/warc/{SHA256}"):
        assert (await site.client.get(path)).status_code in (302, 404)
    monkeypatch.setattr(replay, "MAX_BYTES", len(PAGE) - 1)
    assert (await site.client.get(PATH)).status_code == 413
    monkeypatch.undo()
    [file] = (captured.parent / "captures").glob("*.warc.gz")
    file.write_bytes(file.read_bytes()[:400])
    response = await site.client.get(PATH)
    assert response.status_code == 503
    assert str(captured.parent) not in response.text


@pytest.mark.parametrize(
    ("host", "scheme", "reachable"),
    [
        ("nianbao.example.org", "https", True), ("nianbao.example.org", "http", False),
        ("127.0.0.1:8001", "https", False), ("localhost", "https", False), ("10.0.0.5", "https", False),
        ("[::1]:8001", "https", False), ("nianbao.local", "https", False), ("8.8.8.8", "https", True),
    ],
)  # fmt: skip
async def test_the_viewer_is_offered_only_where_it_can_fetch(
    captured: Path, host: str, scheme: str, reachable: bool
) -> None:
    scope = {
        "type": "http", "method": "GET", "path": "/", "raw_path": b"/", "query_string": b"", "scheme": scheme,
        "headers": [(b"host", host.encode())],
    }  # fmt: skip
    links = replay.replay(build_app(captured), Request(scope, None), SHA256, URL, "2025-02-01T08:00:00Z")
    assert links.download == PATH
    assert bool(links.viewer) == reachable
    if reachable:
        parts = urlsplit(links.viewer)
        assert f"{parts.scheme}://{parts.netloc}" == VIEWER
        assert parse_qs(parts.query) == {"source": [f"https://{host}{PATH}"]}
        assert parts.fragment == f"url={quote(URL, safe='')}&ts=20250201080000"


async def test_a_file_without_an_address_on_the_web_has_no_viewer(captured: Path) -> None:
    scope = {
        "type": "http", "method": "GET", "path": "/", "raw_path": b"/", "query_string": b"", "scheme": "https",
        "headers": [(b"host", b"nianbao.example.org")],
    }  # fmt: skip
    for url in ("file:///tmp/a.html", None):
        assert replay.replay(build_app(captured), Request(scope, None), SHA256, url, None).viewer == ""
