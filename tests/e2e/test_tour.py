"""The README's tour: its pictures are made from the sample portals by the tool that renews them."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest
from PIL import Image

from tests.e2e import program, reading
from tests.e2e.conftest import FirstCrawl
from tools import screenshots

pytest.importorskip("playwright.sync_api", reason="playwright is not installed")

MOST_BYTES = 1_500_000
READMES = ("README.md", "README.zh-CN.md")


def test_pictures_are_there_and_small() -> None:
    shown = {
        name: re.findall(r"\(docs/images/(\w+)\.png\)", (program.ROOT / name).read_text("utf-8")) for name in READMES
    }
    assert shown["README.md"] == shown["README.zh-CN.md"]
    files = {path.stem: path.read_bytes() for path in (program.ROOT / "docs/images").glob("*.png")}
    assert files.keys() == set(shown["README.md"])
    assert sum(map(len, files.values())) < MOST_BYTES
    for content in files.values():
        assert Image.open(io.BytesIO(content)).size == (screenshots.WIDTH, screenshots.HEIGHT)


@pytest.mark.browser
@pytest.mark.skipif(reading.CHROMIUM is None, reason="no Chromium (Debian: apt-get install chromium)")
def test_the_tour_can_be_taken_again(first_crawl: FirstCrawl, tmp_path: Path) -> None:
    archive = first_crawl.folder / "archive.db"
    with reading.served(first_crawl.folder) as (address, _process):
        written = screenshots.take(address, archive, tmp_path)
    kept = {path.name for path in (program.ROOT / "docs/images").glob("*.png")}
    assert {path.name for path in written} == kept
    for path in written:
        colours = Image.open(path).convert("RGB").getcolors(1 << 20)
        assert colours
        most, _colour = max(colours)
        assert most < 0.97 * screenshots.WIDTH * screenshots.HEIGHT, f"{path.name} shows next to nothing"
