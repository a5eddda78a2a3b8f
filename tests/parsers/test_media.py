import io
import zipfile

import pytest

from parsers import media


def package(*names, content="<x/>"):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in names:
            archive.writestr(name, content)
    return buffer.getvalue()


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504)


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        (b"%PDF-1.7\n%\xe2\xe3", media.PDF),
        (b"\xef\xbb\xbf\r\n%PDF-1.4", media.PDF),
        (package("[Content_Types].xml", "word/document.xml"), media.DOCX),
        (package("[Content_Types].xml", "xl/workbook.xml"), media.XLSX),
        (package("report.pdf"), media.ZIP),
        pytest.param(package("a")[:20], media.ZIP, id="cut package"),
        (package("report.docx", content=package("word/document.xml")), media.ZIP),
        (b"Rar!\x1a\x07\x01\x00", media.RAR),
        (OLE + "WordDocument".encode("utf-16-le"), media.DOC),
        (OLE + "Workbook".encode("utf-16-le"), media.XLS),
        (OLE, media.OLE),
        (b"{\\rtf1\\ansi", media.RTF),
        (b"\x89PNG\r\n\x1a\n", media.PNG),
        (b"\xff\xd8\xff\xe0", media.JPEG),
        (b"<!DOCTYPE html><html>", media.HTML),
        ("\n\n<?xml version='1.0'?><HTML lang=zh>年报".encode("gb18030"), media.HTML),
        ("<p class=x>年报</p>".encode(), media.HTML),
        ("<html>年报".encode("utf-16"), media.HTML),
        ("政府信息公开年报 1 < 2 且 3 > 2".encode(), media.TEXT),
        ("政府信息公开年报".encode("gb18030"), media.TEXT),
        ("政府信息公开年报".encode("utf-16"), media.TEXT),
        (b"", media.TEXT),
        (bytes(range(256)), media.BINARY),
        (b"\xff\xff\xff\xff", media.BINARY),
    ],
)
def test_type_is_told_from_the_content(payload, expected):
    assert media.sniff(payload) == expected


@pytest.mark.parametrize("shift", range(4))
def test_character_cut_at_the_end_of_the_head_is_no_damage(shift):
    assert media.sniff(b"x" * shift + "年".encode() * 40000) == media.TEXT


def test_a_page_with_a_few_broken_bytes_is_still_a_page():
    page = "<html><p>明川市林业局政府信息公开工作年度报告</p></html>" * 40
    for payload in (page.encode() + b"\xe5\xb1", page.encode()[:400] + b"\xff\x02" + page.encode()[400:]):
        assert media.sniff(payload) == media.HTML
    assert media.sniff(page.encode("gb18030") + b"\xbe") == media.HTML
