"""Makes the pictures of the README's tour: crawls the sample portals, serves them, and looks at pages with Chromium.

Run from the checkout as ``make screenshots``; it writes docs/images/*.png.
"""

from __future__ import annotations

import shutil
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

from PIL import Image, ImageChops

WIDTH, HEIGHT = 1100, 720
COLOURS = 128
"""Pages have few colours; a palette makes a picture a fifth as large."""
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
SECONDS_TO_START = 60
OUTLINE = (0xCF, 0x22, 0x2E)
"""Of the frame around a cell on a page of its source."""

# The contradictory report that is printed as a web page, one in a PDF, and its organ.
_CHOSEN = """
select r.id, r.organ_id, d.media_type, f.cells
from reports as r join documents as d on d.sha256 = r.document_sha256
left join findings as f on f.report_id = r.id and f.severity = 'error'
order by f.id is null, d.media_type <> ?, r.year desc limit 1
"""


@dataclass(frozen=True)
class Picture:
    """A page to look at, and what of it comes to the top of the picture, or else what colour to its middle."""

    name: str
    path: str
    top: str = "h1"
    middle: tuple[int, int, int] | None = None


def pictures(archive: Path) -> list[Picture]:
    """Return what the tour shows of the sample's archive at ``archive``."""
    conn = sqlite3.connect(f"{archive.resolve().as_uri()}?mode=ro", uri=True)
    try:
        report, organ, _kind, _cells = conn.execute(_CHOSEN, ("text/html",)).fetchone()
        pdf, *_rest = conn.execute(
            "select r.id from reports as r join documents as d on d.sha256 = r.document_sha256 "
            "where d.media_type = 'application/pdf' and r.organ_id <> ? order by r.year desc, r.id limit 1",
            (organ,),
        ).fetchone()
        before = conn.execute(
            "select id from reports where organ_id = ? and id < ? order by year desc limit 1", (organ, report)
        ).fetchone()[0]
    finally:
        conn.close()
    return [
        Picture("search", "/archive/search?q=%E4%BF%A1%E8%AE%BF"),
        Picture("report", f"/archive/reports/{report}", "#requests"),
        Picture("evidence", f"/-/evidence/{pdf}/requests.new.total", middle=OUTLINE),
        Picture("compare", f"/-/compare?a={before}&b={report}", "section h2"),
    ]


def look(page: Any, address: str, picture: Picture) -> bytes:
    """Return the PNG of ``picture`` as a Playwright ``page`` shows the site at ``address``."""
    page.set_viewport_size({"width": WIDTH, "height": HEIGHT})
    answer = page.goto(address + picture.path)
    if answer is None or answer.status != 200:
        raise RuntimeError(f"{picture.path} does not answer as it should")
    if picture.middle:
        shown = _around(_read(page.screenshot(full_page=True)), picture.middle)
    else:
        page.locator(picture.top).first.evaluate("element => element.scrollIntoView()")
        shown = _read(page.screenshot())
    buffer = BytesIO()
    shown.quantize(COLOURS, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE).save(buffer, "PNG", optimize=True)
    return buffer.getvalue()


def _read(png: bytes) -> Image.Image:
    return Image.open(BytesIO(png)).convert("RGB")


def _around(shown: Image.Image, colour: tuple[int, int, int]) -> Image.Image:
    """Cut the lines of ``shown`` around what has the ``colour``; raises LookupError where nothing has."""
    other = ImageChops.difference(shown, Image.new("RGB", shown.size, colour)).convert("L")
    box = other.point([255, *[0] * 255]).getbbox()
    if box is None:
        raise LookupError("nothing in the picture has the colour")
    top = max(0, min((box[1] + box[3] - HEIGHT) // 2, shown.height - HEIGHT))
    return shown.crop((0, top, WIDTH, top + HEIGHT))


def take(address: str, archive: Path, folder: Path) -> list[Path]:
    """Write the tour's pictures of the site at ``address``, which serves ``archive``, into ``folder``."""
    from playwright.sync_api import sync_playwright

    written = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page()
        for picture in pictures(archive):
            path = folder / f"{picture.name}.png"
            path.write_bytes(look(page, address, picture))
            written.append(path)
        browser.close()
    return written


@contextmanager
def _served(archive: Path) -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "nianbao", "serve", "--archive", str(archive), "--port", str(port)]
    server = subprocess.Popen(command)
    address = f"http://127.0.0.1:{port}"
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    deadline = time.monotonic() + SECONDS_TO_START
    try:
        while True:
            try:
                opener.open(address, timeout=10).close()
                break
            except urllib.error.URLError:
                if server.poll() is not None or time.monotonic() > deadline:
                    raise
                time.sleep(0.2)
        yield address
    finally:
        server.terminate()
        server.wait()


def main(folder: Path) -> None:
    """Crawl the sample portals and write the pictures into ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as made:
        archive = Path(made) / "archive.db"
        subprocess.run(
            [sys.executable, "-m", "nianbao", "demo", "--no-serve", "--archive", str(archive)],
            check=True,
            stdout=subprocess.DEVNULL,
        )
        with _served(archive) as address:
            for path in take(address, archive, folder):
                print(f"{path} {path.stat().st_size:,} bytes")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
