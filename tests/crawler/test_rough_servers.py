"""Answers that are damaged, cut short or wrongly labelled, and servers that want patience."""

from __future__ import annotations

import gzip
import socketserver
import threading
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest
from scrapy.http import Response

from archive.store import Archive
from crawler import middlewares
from crawler.portal_crawl import Fetched
from tests.crawler import lanxi
from tests.crawler.crawl_process import crawl, portal
from tests.crawler.portal_server import PortalServer

URL = "http://www.lanxi.gov.cn/a.pdf"
TEXT = "岚溪县政府信息公开年报".encode() * 5000


@pytest.mark.parametrize(
    ("body", "whole"),
    [
        (lanxi.PDF, True),
        (lanxi.PDF[:-10], False),
        (lanxi.PDF + b"\0" * 500, True),
        (b"PK\x03\x04" + b"x" * 100, False),
        (b"PK\x03\x04" + b"x" * 100 + b"PK\x05\x06" + b"\0" * 18, True),
        (b"<html><body>a</body></HTML>\n", True),
        (b"<html><body>a", False),
        (b"\xd0\xcf\x11\xe0 a word file does not tell", True),
    ],
)
def test_files_tell_whether_they_are_whole(body: bytes, whole: bool) -> None:
    assert middlewares.is_whole(body) is whole


def _flipped(body: bytes) -> bytes:
    middle = len(body) // 2
    return body[:middle] + bytes([body[middle] ^ 0xFF]) + body[middle + 1 :]


@pytest.mark.parametrize(
    ("body", "intact"),
    [
        pytest.param(gzip.compress(TEXT), True, id="whole"),
        pytest.param(gzip.compress(TEXT[:99]) + gzip.compress(TEXT), True, id="two members"),
        pytest.param(gzip.compress(TEXT) + b"\0\0\0", True, id="padded"),
        pytest.param(gzip.compress(TEXT)[:-9], False, id="end missing"),
        pytest.param(gzip.compress(TEXT)[:40], False, id="beginning only"),
        pytest.param(_flipped(gzip.compress(TEXT)), False, id="a byte flipped"),
        pytest.param(gzip.compress(TEXT[:99]) + gzip.compress(TEXT)[:30], False, id="second member cut short"),
        pytest.param(zlib.compress(TEXT), False, id="another format"),
        pytest.param(b"<html>not compressed at all</html>", False, id="not compressed"),
    ],
)
def test_damaged_compression_is_noticed(body: bytes, intact: bool) -> None:
    assert middlewares._is_intact(body, 10_000_000) is intact


def test_a_compression_bomb_is_left_to_the_limit_of_size() -> None:
    assert middlewares._is_intact(gzip.compress(b"\0" * 50_000_000)[:-9], 1_000_000)


def test_waiting_times_come_as_seconds_or_as_dates() -> None:
    def seconds(value: str) -> float | None:
        return middlewares._seconds(Response(URL, headers={"Retry-After": value}))

    assert seconds("7") == 7
    assert seconds("²") is None
    assert seconds("9" * 400) is None
    later = seconds(format_datetime(datetime.now(UTC) + timedelta(seconds=30), usegmt=True))
    assert later is not None
    assert 25 < later <= 30
    assert seconds("Wed, 01 Jan 2020 00:00:00 GMT") == 0
    assert seconds("soon") is None
    assert seconds("") is None


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ('attachment; filename="report.pdf"', "report.pdf"),
        ("attachment; filename=年报.pdf".encode("gbk").decode("latin-1"), "年报.pdf"),
        ('attachment; filename="年报.pdf"'.encode().decode("latin-1"), "年报.pdf"),
        ("attachment;filename=%E5%B9%B4%E6%8A%A5.pdf", "年报.pdf"),
        ("attachment; filename=x.pdf; filename*=UTF-8''%E5%B9%B4%E6%8A%A5.pdf", "x.pdf"),
        ("attachment; filename*=UTF-8''%E5%B9%B4%E6%8A%A5.pdf", "年报.pdf"),
        ("inline", None),
        ('attachment; filename=""', None),
    ],
)
def test_names_of_files_are_read_in_every_encoding(header: str, name: str | None) -> None:
    assert Fetched(URL, 200, b"", [], [("Content-Disposition", header)]).file_name == name


class _UntilClosed(socketserver.StreamRequestHandler):
    """A portal that tells no lengths; the report's file ends early the first time."""

    asked = 0

    def handle(self) -> None:
        path = self.rfile.readline().split()[1].decode()
        while self.rfile.readline().strip():
            pass
        report = lanxi.report_path(2024)
        row = lanxi.row("/a.pdf", lanxi.title(2023), "2024-01-20") + lanxi.row(report, lanxi.title(2024), "2025-01-20")
        pages = {
            "/": lanxi.page('<a href="/nb/">政府信息公开年报</a>'),
            "/nb/": lanxi.page(row),
            report: lanxi.article(lanxi.title(2024), "2025-01-20")[:-7],
        }
        body = pages.get(path)
        if path == "/a.pdf":
            type(self).asked += 1
            body = lanxi.PDF[:20] if type(self).asked == 1 else lanxi.PDF
        status = b"200 OK" if body else b"404 Not Found"
        self.wfile.write(b"HTTP/1.0 " + status + b"\r\nContent-Type: text/plain\r\n\r\n" + (body or b""))


@pytest.fixture
def portal_without_lengths() -> Iterator[str]:
    _UntilClosed.asked = 0
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), _UntilClosed) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}/"
        server.shutdown()


@pytest.mark.e2e
def test_a_file_cut_short_without_a_length_is_asked_for_again(portal_without_lengths: str, tmp_path: Path) -> None:
    result = crawl(tmp_path / "archive.db", [portal("lanxi", portal_without_lengths)])["lanxi"]
    # The report's page ends early each time alike: so it is published.
    assert (result["status"], result["found"], result["failed"]) == ("ok", 2, 0)
    assert _UntilClosed.asked == 2


@pytest.mark.e2e
def test_compression_that_is_forced_broken_or_only_claimed(tmp_path: Path) -> None:
    pages = lanxi.pages()
    forced, claimed, broken = (lanxi.report_path(year) for year in (2024, 2023, 2022))
    bodies = {path: pages[path] for path in (forced, broken)}
    pages |= {path: gzip.compress(body) for path, body in bodies.items() if isinstance(body, bytes)}
    once = [_flipped(pages[broken])] if isinstance(pages[broken], bytes) else []  # type: ignore[arg-type]
    whole = pages[broken]
    pages[broken] = lambda: once.pop() if once else whole  # type: ignore[return-value]
    with PortalServer(pages) as server:
        server.headers |= {path: {"Content-Encoding": "gzip"} for path in (forced, claimed, broken)}
        result = crawl(tmp_path / "archive.db", [portal("lanxi", server.url + "/")])["lanxi"]
        assert (result["status"], result["failed"]) == ("ok", 0)
        assert server.asked().count(broken) == 2
        assert server.asked().count(claimed) == server.asked().count(forced) == 1
    with Archive.open(tmp_path / "archive.db") as archive:
        for path in (forced, claimed, broken):
            capture = archive.last_capture(f"{server.url}{path}")
            assert capture is not None
            assert archive.payload(capture.sha256).startswith(b"<html>")
