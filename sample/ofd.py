"""Renders a report's text as OFD, the national page format that some organs attach beside a page."""

from __future__ import annotations

import textwrap
from io import BytesIO
from xml.sax.saxutils import escape
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from sample.generator import SampleReport

_NAMESPACE = 'xmlns:ofd="http://www.ofdspec.org/2016"'
_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
_EPOCH = (1980, 1, 1, 0, 0, 0)
_WIDTH, _LINES, _LEFT, _TOP, _LEADING, _SIZE = 34, 30, 28, 30, 8, 4.9  # characters, lines and millimetres


def render(sample: SampleReport) -> bytes:
    """Return title and prose as an OFD file; the same report gives the same bytes."""
    paragraphs = [sample.report.title, *sample.preamble]
    for section in sample.report.sections:
        paragraphs += [section.heading, *sample.paragraphs(section.number)]
    lines = [line for text in paragraphs for line in textwrap.wrap(text, _WIDTH)]
    pages = [lines[start : start + _LINES] for start in range(0, len(lines), _LINES)]
    members = {
        "OFD.xml": f'<ofd:OFD {_NAMESPACE} Version="1.1" DocType="OFD"><ofd:DocBody><ofd:DocInfo>'
        f"<ofd:Title>{escape(sample.report.title)}</ofd:Title></ofd:DocInfo>"
        "<ofd:DocRoot>Doc_0/Document.xml</ofd:DocRoot></ofd:DocBody></ofd:OFD>",
        "Doc_0/Document.xml": f"<ofd:Document {_NAMESPACE}><ofd:CommonData><ofd:MaxUnitID>9999</ofd:MaxUnitID>"
        "<ofd:PageArea><ofd:PhysicalBox>0 0 210 297</ofd:PhysicalBox></ofd:PageArea>"
        "<ofd:PublicRes>PublicRes.xml</ofd:PublicRes></ofd:CommonData><ofd:Pages>"
        + "".join(f'<ofd:Page ID="{1000 + n}" BaseLoc="Pages/Page_{n}/Content.xml"/>' for n in range(len(pages)))
        + "</ofd:Pages></ofd:Document>",
        "Doc_0/PublicRes.xml": f'<ofd:Res {_NAMESPACE} BaseLoc="Res"><ofd:Fonts>'
        '<ofd:Font ID="1" FontName="宋体" FamilyName="宋体"/></ofd:Fonts></ofd:Res>',
    }
    for number, part in enumerate(pages):
        members[f"Doc_0/Pages/Page_{number}/Content.xml"] = _page(number, part)
    packed = BytesIO()
    with ZipFile(packed, "w", ZIP_DEFLATED) as target:
        for name, text in members.items():
            target.writestr(ZipInfo(name, _EPOCH), _HEAD + text, compress_type=ZIP_DEFLATED)
    return packed.getvalue()


def _page(number: int, lines: list[str]) -> str:
    first = 2000 + number * 100
    texts = "".join(
        f'<ofd:TextObject ID="{first + row}" '
        f'Boundary="{_LEFT} {_TOP + row * _LEADING} {_WIDTH * _SIZE:.1f} {_LEADING}" '
        f'Font="1" Size="{_SIZE}"><ofd:TextCode X="0" Y="{_SIZE}" DeltaX="g {len(line) - 1} {_SIZE}">{escape(line)}'
        "</ofd:TextCode></ofd:TextObject>"
        for row, line in enumerate(lines)
    )
    layer = f'<ofd:Layer ID="{first + 99}">{texts}</ofd:Layer>'
    return f"<ofd:Page {_NAMESPACE}><ofd:Content>{layer}</ofd:Content></ofd:Page>"
