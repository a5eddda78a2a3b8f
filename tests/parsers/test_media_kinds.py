"""Media types by content, and names of organs by their kind."""

from __future__ import annotations

import codecs

import pytest

from parsers.dates import iso_date
from parsers.media import BINARY, DOCX, sniff
from parsers.organs import classify
from tests.parsers.files import pdf, word


def test_sniff_of_whole_files() -> None:
    assert sniff(pdf(["总体情况"])) == "application/pdf"
    assert sniff(b"\r\n" + pdf(["总体情况"])) == "application/pdf"
    assert sniff(word(["总体情况"])) == DOCX


@pytest.mark.parametrize(
    ("payload", "media_type"),
    [
        (b"<!DOCTYPE html><p>x", "text/html"),
        (codecs.BOM_UTF8 + b"\r\n<HTML><body>", "text/html"),
        ("<div>总体情况</div>".encode("gb18030"), "text/html"),
        (b"<p>about %PDF-1.7 files</p>", "text/html"),
        ("一、总体情况\n正文".encode(), "text/plain"),
        (codecs.BOM_UTF16_LE + "总体情况".encode("utf-16-le"), "text/plain"),
        (b"PK\x03\x04broken", "application/zip"),
        (b"\x00\x01\x02", BINARY),
        (b"GIF89a", "image/gif"),
        (b"{\\rtf1", "application/rtf"),
        (b"", "text/plain"),
    ],
)
def test_sniff(payload: bytes, media_type: str) -> None:
    assert sniff(payload) == media_type


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("青禾县人民政府", "government"),
        ("青禾县", "government"),
        ("明川市", "government"),
        ("明川高新区管理委员会", "government"),
        ("青禾县人民政府办公室", "department"),
        ("明川市林业局", "department"),
        ("明川市公安局青禾分局", "department"),
        ("明川市卫生健康委员会", "department"),
        ("柳溪镇", "township"),
        ("青禾县柳溪镇人民政府", "township"),
        ("明川市青禾区人民政府柳溪街道办事处", "township"),
        ("柳溪街道", "township"),
        ("目录", "other"),
    ],
)
def test_kind_of_organ(name: str, kind: str) -> None:
    assert classify(name)[1] == kind


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("2025-01-20 10:11:12", "2025-01-20"),
        ("2025年1月9日", "2025-01-09"),
        ("２０２５．０１．２０", "2025-01-20"),
        ("2025/1/20", "2025-01-20"),
        ("2025-02-30", None),
        ("20250120", None),
        ("自202011日起", None),
        ("202212月31日", None),
        ("2025-01-201", None),
    ],
)
def test_dates(text: str, date: str | None) -> None:
    assert iso_date(text) == date
