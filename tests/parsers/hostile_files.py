"""Small files of every format that ask their reader for very much, and files that are not what they say."""

from __future__ import annotations

import io
import stat
import struct
import zipfile
import zlib
from collections.abc import Callable
from email.message import EmailMessage

from tests.parsers import hostile_pdfs

_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_S = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
_RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_LAUGHS = (
    '<!DOCTYPE x [<!ENTITY a0 "lol">'
    + "".join(f'<!ENTITY a{level} "' + f"&a{level - 1};" * 10 + '">' for level in range(1, 11))
    + "]>"
)


def packed(*members: tuple[str | zipfile.ZipInfo, str | bytes], level: int = 9) -> bytes:
    """A ZIP file of members (name, content)."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=level) as archive:
        for name, content in members:
            archive.writestr(name, content, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


# Word processors' and spreadsheets' XML -------------------------------------------------------


def word_xml(body: str, doctype: str = "") -> bytes:
    """A DOCX file with ``body``."""
    return packed(
        (
            "word/document.xml",
            f'<?xml version="1.0"?>{doctype}<w:document xmlns:w="{_W}"><w:body>{body}</w:body></w:document>',
        )
    )


def docx_laughs() -> bytes:
    """Entities that unfold to 3·10^10 characters."""
    return word_xml("<w:p><w:r><w:t>&a10;</w:t></w:r></w:p>", _LAUGHS)


def docx_cells(count: int) -> bytes:
    """A table of ``count`` cells."""
    row = f"<w:tr>{'<w:tc><w:p/></w:tc>' * 1000}</w:tr>"
    return word_xml(f"<w:tbl>{row * (count // 1000)}</w:tbl>")


def docx_spans() -> bytes:
    """Cells that claim 9,999 columns, each continued downwards."""
    cell = '<w:tc><w:tcPr><w:gridSpan w:val="9999"/><w:vMerge/></w:tcPr><w:p/></w:tc>'
    return word_xml(f"<w:tbl>{f'<w:tr>{cell * 30}</w:tr>' * 300}</w:tbl>")


def docx_nested(depth: int) -> bytes:
    """Tables in the cells of tables."""
    return word_xml("<w:tbl><w:tr><w:tc>" * depth + "<w:p/>" + "</w:tc></w:tr></w:tbl>" * depth)


def docx_blanks(size: int) -> bytes:
    """A document of ``size`` blanks."""
    return word_xml(f"<w:p><w:r><w:t>{' ' * size}</w:t></w:r></w:p>")


def workbook(sheet: str, strings: str = "") -> bytes:
    """An XLSX file with the XML of one sheet and of its shared strings."""
    rels = f'<Relationship Id="r1" Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/>'
    rels += f'<Relationship Id="r2" Type="{_OFFICE}/sharedStrings" Target="sharedStrings.xml"/>'
    return packed(
        (
            "[Content_Types].xml",
            f'<Types xmlns="{_TYPES}"><Default Extension="xml" ContentType="application/xml"/></Types>',
        ),
        (
            "_rels/.rels",
            f'<Relationships xmlns="{_RELATIONS}">'
            f'<Relationship Id="r0" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        ),
        (
            "xl/workbook.xml",
            f'<workbook xmlns="{_S}" xmlns:r="{_OFFICE}"><sheets><sheet name="a" sheetId="1" r:id="r1"/></sheets>'
            "</workbook>",
        ),
        ("xl/_rels/workbook.xml.rels", f'<Relationships xmlns="{_RELATIONS}">{rels}</Relationships>'),
        ("xl/sharedStrings.xml", f'<sst xmlns="{_S}">{strings}</sst>'),
        ("xl/worksheets/sheet1.xml", f'<worksheet xmlns="{_S}">{sheet}</worksheet>'),
    )


def xlsx_corners() -> bytes:
    """A sheet whose two cells are its first and its last possible one."""
    cells = '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    return workbook(f'<dimension ref="A1:XFD1048576"/><sheetData>{cells}</sheetData>')


def xlsx_dimension() -> bytes:
    """A sheet that claims all possible cells and has one."""
    return workbook('<dimension ref="A1:XFD1048576"/><sheetData><row r="1"><c r="A1"><v>1</v></c></row></sheetData>')


def xlsx_strings(size: int) -> bytes:
    """A long string that a thousand cells share."""
    cells = "".join(f'<row r="{n}"><c r="A{n}" t="s"><v>0</v></c></row>' for n in range(1, 1001))
    return workbook(f"<sheetData>{cells}</sheetData>", f"<si><t>{'x' * size}</t></si>")


def xlsx_merged() -> bytes:
    """Ten thousand merged areas over one another."""
    areas = '<mergeCell ref="A1:CV1000"/>' * 10_000
    return workbook(
        '<sheetData><row r="1"><c r="A1"><v>1</v></c></row><row r="1000"><c r="CV1000"><v>1</v></c></row></sheetData>'
        f"<mergeCells>{areas}</mergeCells>"
    )


# Archives --------------------------------------------------------------------------------------


def zip_bomb(size: int) -> bytes:
    """One member of ``size`` blanks."""
    return packed(("年报.html", b" " * size))


def zip_nested(depth: int) -> bytes:
    """Archives of ten copies of an archive, ``depth`` deep."""
    inner = packed(("0.html", b" " * 1_000_000))
    for _ in range(depth):
        inner = packed(*((f"{number}.zip", inner) for number in range(10)))
    return inner


def zip_overlapping(count: int) -> bytes:
    """``count`` entries in the directory that all name the same member."""
    whole = packed(("a.html", b"<p>" + b" " * 1_000_000))
    start, end = whole.index(b"PK\x01\x02"), whole.index(b"PK\x05\x06")
    directory = whole[start:end] * count
    tail = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, count, count, len(directory), start, 0)
    return whole[:start] + directory + tail


def zip_members(count: int) -> bytes:
    """``count`` empty members."""
    return packed(*((f"{number}.txt", b"") for number in range(count)), level=1)


def zip_paths() -> bytes:
    """Members that want to be written elsewhere, and a link."""
    link = zipfile.ZipInfo("link.html")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    return packed(
        ("../../../../tmp/nianbao-escaped.html", b"x"),
        ("/tmp/nianbao-escaped.html", b"x"),
        ("..\\..\\nianbao-escaped.html", b"x"),
        (link, b"/etc/passwd"),
    )


def zip_lying_size() -> bytes:
    """A member whose headers declare 10 bytes and which holds 30 million."""
    payload = bytearray(zip_bomb(30_000_000))
    for mark, at in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        place = payload.index(mark) + at
        payload[place : place + 4] = struct.pack("<L", 10)
    return bytes(payload)


# Pages and text ---------------------------------------------------------------------------------


def _page(body: str) -> bytes:
    return f'<html><head><meta charset="utf-8"></head><body>{body}</body></html>'.encode()


def html_nested(tag: str, depth: int) -> bytes:
    """Elements within elements."""
    return _page(f"<{tag}>" * depth)


def html_spans() -> bytes:
    """Cells that claim 10^9 columns and rows."""
    return _page(
        "<table>" + "<tr>" + "<td colspan=1000000000 rowspan=1000000000>1</td>" * 300 + "</tr>" * 2 + "</table>"
    )


def html_cells(count: int) -> bytes:
    """A table of ``count`` cells."""
    row = "<tr>" + "<td>1" * 100
    return _page(f"<table>{row * (count // 100)}</table>")


def html_entities(count: int) -> bytes:
    """Nothing but character references."""
    return _page("&#24180;" * count)


def xhtml_laughs() -> bytes:
    """A page with entities that unfold to 3·10^10 characters."""
    return (
        f'<?xml version="1.0"?>{_LAUGHS}<html xmlns="http://www.w3.org/1999/xhtml"><body>&a10;</body></html>'.encode()
    )


def one_line(size: int) -> bytes:
    """A text of one line."""
    return ("年" * (size // 3)).encode()


def mhtml_nested(depth: int) -> bytes:
    """Messages within messages."""
    message = EmailMessage()
    message.set_content("x")
    message.add_related(b"<p>x", "text", "html")
    text = message.as_bytes()
    for number in range(depth):
        head = f'MIME-Version: 1.0\nContent-Type: multipart/related; boundary="b{number}"\n\n--b{number}\n'
        text = head.encode() + text + f"\n--b{number}--\n".encode()
    return text


# Pictures and older word processors --------------------------------------------------------------


def png(width: int, height: int) -> bytes:
    """A picture of one colour, of any size in a few bytes."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">L", len(content)) + kind + content + struct.pack(">L", zlib.crc32(kind + content))

    rows = hostile_pdfs.zlib_of_repeated(b"", bytes(1 + (width + 7) // 8), height)
    header = struct.pack(">LLBBBBB", width, height, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def pdf_picture(width: int, height: int) -> bytes:
    """A page that shows a picture of ``width`` by ``height`` dots, packed well."""
    dots = hostile_pdfs.zlib_of_repeated(b"", bytes(1), (width + 7) // 8 * height)
    entries = (
        f"/Type /XObject /Subtype /Image /Width {width} /Height {height} /BitsPerComponent 1"
        " /ColorSpace /DeviceGray /Filter /FlateDecode"
    )
    content = hostile_pdfs.stream(b"q 800 0 0 800 0 0 cm /X Do Q")
    return hostile_pdfs.one_page(content, {6: hostile_pdfs.stream(dots, entries)}, names="/X 6 0 R")


def rtf_nested(depth: int) -> bytes:
    """Groups within groups."""
    return rb"{\rtf1\ansi " + b"{" * depth + b"x" + b"}" * depth + b"}"


def doc_of_zeros(size: int) -> bytes:
    """A Word file with a directory and nothing but zeros."""
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504)
    return head + "WordDocument".encode("utf-16-le") + bytes(size)


# What each is refused for, one of several where that depends on the machine.
_SPENT = ("crashed", "too_big", "timeout")
Hostile = tuple[Callable[[], bytes], tuple[str, ...]]
PDFS: dict[str, Hostile] = {
    "deflate-1GiB.pdf": (lambda: hostile_pdfs.deflate_bomb(1 << 30), _SPENT),
    "deflate-twice.pdf": (lambda: hostile_pdfs.deflate_bomb(1 << 30, 2), _SPENT),
    "operators-18M.pdf": (lambda: hostile_pdfs.operator_bomb(18_000_000), _SPENT),
    "form-in-itself.pdf": (hostile_pdfs.self_recursive_form, _SPENT),
    "forms-10^9.pdf": (lambda: hostile_pdfs.form_fan_out(9, 10), _SPENT),
    "rule-grid.pdf": (lambda: hostile_pdfs.rule_grid(140, 195), ("too_big",)),
    "pages-2·10^9.pdf": (lambda: hostile_pdfs.claimed_pages(2_000_000_000), ("not_report", "too_big", "broken_pdf")),
    "page-tree-in-a-circle.pdf": (hostile_pdfs.cyclic_tree, ("broken_pdf",)),
    "arrays-200k.pdf": (lambda: hostile_pdfs.nested_arrays(200_000), ("not_report", "broken_pdf", *_SPENT)),
    "dictionaries-100k.pdf": (lambda: hostile_pdfs.nested_dictionaries(100_000), ("not_report", "broken_pdf", *_SPENT)),
    "page-14.4M-points.pdf": (hostile_pdfs.giant_page, ("too_big",)),
    "picture-60000².pdf": (lambda: pdf_picture(60_000, 60_000), ("scanned", *_SPENT)),
}
OTHERS: dict[str, Hostile] = {
    "laughs.docx": (docx_laughs, ("broken_docx",)),
    "cells-10^6.docx": (lambda: docx_cells(1_000_000), _SPENT),
    "spans.docx": (docx_spans, ("too_big",)),
    "nested-5000.docx": (lambda: docx_nested(5_000), ("broken_docx", *_SPENT)),
    "blanks-100MB.docx": (lambda: docx_blanks(100_000_000), ("too_big", "broken_docx")),
    "corners.xlsx": (xlsx_corners, ("too_big",)),
    "dimension.xlsx": (xlsx_dimension, ("not_report", "broken_workbook", "too_big")),
    "strings.xlsx": (lambda: xlsx_strings(40_000_000), ("not_report", *_SPENT)),
    "merged.xlsx": (xlsx_merged, ("not_report", "broken_workbook", *_SPENT)),
    "bomb.zip": (lambda: zip_bomb(100_000_000), ("too_big",)),
    "nested.zip": (lambda: zip_nested(5), ("no_report_inside",)),
    "overlapping.zip": (lambda: zip_overlapping(150), ("broken_archive", "too_big")),
    "members-10^5.zip": (lambda: zip_members(100_000), ("too_big", "broken_archive")),
    "paths.zip": (zip_paths, ("no_report_inside", "not_report")),
    "lying.zip": (zip_lying_size, ("too_big", "broken_archive")),
    "div-10^5.html": (lambda: html_nested("div", 100_000), ("no_content", "not_report", *_SPENT)),
    "font-10^5.html": (lambda: html_nested("font", 100_000), ("no_content", "not_report", *_SPENT)),
    "table-10^5.html": (lambda: html_nested("table", 100_000), ("no_content", "not_report", "truncated", *_SPENT)),
    "spans.html": (html_spans, ("too_big",)),
    "cells-10^6.html": (lambda: html_cells(1_000_000), ("not_report", *_SPENT)),
    "entities.html": (lambda: html_entities(2_400_000), ("not_report", "no_content", *_SPENT)),
    "laughs.html": (xhtml_laughs, ("not_report", "no_content", "broken_html")),
    "one-line.txt": (lambda: one_line(19_000_000), ("not_report", "no_content", *_SPENT)),
    "picture-60000².png": (lambda: png(60_000, 60_000), ("scanned", *_SPENT)),
    "nested.mht": (lambda: mhtml_nested(300), ("not_report", "broken_archive", "crashed")),
}
OFFICE: dict[str, Hostile] = {
    "groups-10^5.rtf": (lambda: rtf_nested(100_000), ("broken_doc", "not_report", "no_content", *_SPENT)),
    "zeros.doc": (lambda: doc_of_zeros(5_000_000), ("broken_doc", "truncated", "not_report", "no_content", *_SPENT)),
}
