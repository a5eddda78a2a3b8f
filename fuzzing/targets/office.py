"""Word documents and workbooks: ZIP files built soundly around parts that are not, or files as they are."""

from __future__ import annotations

import random
from collections.abc import Iterator

from fuzzing import mutations, parts, seeds
from fuzzing.target import Target
from fuzzing.targets import documents

_WORD = ("word/document.xml", "word/_rels/document.xml.rels", "word/chunk.html", "word/styles.xml")
_SHEETS = (
    *("xl/workbook.xml", "xl/_rels/workbook.xml.rels", "xl/styles.xml", "xl/sharedStrings.xml"),
    *("xl/worksheets/sheet1.xml", "xl/worksheets/sheet2.xml"),
)
_RELATIONS = b"http://schemas.openxmlformats.org/package/2006/relationships"
_OFFICE = b"http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_TYPES = (
    b'<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    b'<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    b'<Default Extension="xml" ContentType="application/xml"/></Types>'
)
TOKENS = (
    *(
        b"<w:tbl>",
        b"</w:tbl>",
        b"<w:tr>",
        b"</w:tr>",
        b"<w:tc>",
        b"</w:tc>",
        b"<w:p>",
        b"</w:p>",
        b'<w:vMerge w:val="restart"/>',
    ),
    *(
        b"<w:vMerge/>",
        b'<w:gridSpan w:val="3"/>',
        b'<w:gridBefore w:val="2"/>',
        b"<w:del>",
        b"</w:del>",
        b'<w:hMerge w:val="continue"/>',
    ),
    *(
        b"<w:vanish/>",
        b'<w:vertAlign w:val="superscript"/>',
        b'<w:altChunk r:id="rId9"/>',
        b"<w:br/>",
        b"<w:tab/>",
        b"<w:sym/>",
    ),
    *(
        b'<c r="A1"><v>5</v></c>',
        b'<c r="XFD1048576" t="s"><v>0</v></c>',
        b'<mergeCell ref="A1:C3"/>',
        b' t="str"',
        b' t="b"',
    ),
    *(
        b' t="e"',
        b' t="d"',
        b' s="3"',
        b"<f>1+1</f>",
        b'formatCode="0.00%"',
        b'formatCode="[=0]&quot;-&quot;;0"',
        b'numFmtId="14"',
    ),
    *(
        b'formatCode="#,##0;[Red]-#,##0"',
        b'formatCode="@"',
        b'formatCode="0_);(0)"',
        b"1E+300",
        b"-0",
        b"43831.5",
        b"&#10;",
    ),
)


def built(data: bytes) -> bytes:
    """The file that an input stands for."""
    found = parts.split(data)
    if found is None:
        return data
    kind = "xl" if any(name.startswith("xl/") for name in found) else "word"
    main = b"xl/workbook.xml" if kind == "xl" else b"word/document.xml"
    package = {
        "[Content_Types].xml": _TYPES,
        "_rels/.rels": b'<?xml version="1.0"?><Relationships xmlns="%s"><Relationship Id="rId1" Type="%s/officeDocument" Target="%s"/>'
        b"</Relationships>" % (_RELATIONS, _OFFICE, main),
    }
    return parts.zipped(package | found)


def _check(data: bytes) -> None:
    documents.check(built(data))


def _mutate(data: bytes, longest: int, chance: random.Random) -> bytes | None:
    if parts.split(data) is None:
        return None
    return mutations.mutate(data, longest, chance, TOKENS)


def _seeds() -> Iterator[bytes]:
    for _name, payload in seeds.documents("hand", ".docx", ".xlsx"):
        found = parts.unzipped(payload, _WORD + _SHEETS)
        if (data := parts.join(found)) and len(data) <= TARGET.longest:
            yield data
    for _name, payload in seeds.documents("hand", ".xls"):
        yield payload
    body = b"<html><body><table><tr><td>\xe8\x87\xaa\xe7\x84\xb6\xe4\xba\xba</td><td>5</td></tr></table></body></html>"
    yield parts.join(
        {
            "word/document.xml": b'<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" '
            b'xmlns:r="%s"><w:body><w:p><w:r><w:t>a</w:t></w:r></w:p><w:altChunk r:id="rId9"/></w:body></w:document>'
            % _OFFICE,
            "word/_rels/document.xml.rels": b'<Relationships xmlns="%s"><Relationship Id="rId9" Type="%s/aFChunk" '
            b'Target="chunk.html"/></Relationships>' % (_RELATIONS, _OFFICE),
            "word/chunk.html": body,
        }
    )
    yield parts.join(
        {
            "xl/workbook.xml": b'<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="%s"><sheets>'
            b'<sheet name="a" sheetId="1" r:id="rId1"/></sheets></workbook>' % _OFFICE,
            "xl/_rels/workbook.xml.rels": b'<Relationships xmlns="%s"><Relationship Id="rId1" Type="%s/worksheet" '
            b'Target="worksheets/sheet1.xml"/><Relationship Id="rId2" Type="%s/styles" Target="styles.xml"/></Relationships>'
            % (_RELATIONS, _OFFICE, _OFFICE),
            "xl/styles.xml": b'<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><numFmts count="2">'
            b'<numFmt numFmtId="164" formatCode="#,##0.00_);[Red](#,##0.00)"/><numFmt numFmtId="165" '
            b'formatCode="yyyy&quot;\xe5\xb9\xb4&quot;m"/></numFmts><cellXfs count="4"><xf numFmtId="0"/><xf numFmtId="164"/>'
            b'<xf numFmtId="165"/><xf numFmtId="9"/></cellXfs></styleSheet>',
            "xl/worksheets/sheet1.xml": b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
            b'<row r="1"><c r="A1" t="inlineStr"><is><t>a</t></is></c><c r="B1" s="1"><v>1234.5</v></c><c r="C1" s="2"><v>45000</v>'
            b'</c></row><row r="2"><c r="A2" s="3"><v>0.5</v></c><c r="B2" t="str"><f>A2</f><v>5</v></c></row></sheetData>'
            b'<mergeCells count="1"><mergeCell ref="B2:C3"/></mergeCells></worksheet>',
        }
    )


TARGET = Target("office", _check, _seeds, _mutate, longest=48_000)
