"""Fonts whose map to Unicode and whose own tables disagree on digits."""

from __future__ import annotations

import io
from pathlib import Path

import pypdf
import pytest
import reportlab
from pypdf.generic import ArrayObject, DecodedStreamObject, DictionaryObject, NameObject, NumberObject
from reportlab.pdfbase.ttfonts import TTFontFile

from parsers.document import Paragraph
from parsers.readers.pdf import read_pdf

_VERA = Path(reportlab.__file__).parent / "fonts" / "Vera.ttf"
_ALPHABET = "0123456789abcdefghij"


def name(text: str) -> NameObject:
    return NameObject(f"/{text}")


def stream(data: bytes) -> DecodedStreamObject:
    made = DecodedStreamObject()
    made.set_data(data)
    return made


def printed(text: str, meaning: dict[str, str]) -> str:
    """Text of a PDF that draws ``text`` in an embedded TrueType font and says that its characters mean others."""
    glyphs = TTFontFile(str(_VERA)).charToGlyph
    lines = "".join(f"<{glyphs[ord(c)]:04x}> <{ord(meaning.get(c, c)):04x}>\n" for c in _ALPHABET)
    to_unicode = (
        "/CIDInit /ProcSet findresource begin begincmap 1 begincodespacerange <0000> <ffff> endcodespacerange\n"
        f"{len(_ALPHABET)} beginbfchar\n{lines}endbfchar endcmap end"
    )
    writer = pypdf.PdfWriter()
    page = writer.add_blank_page(300, 200)
    descriptor = DictionaryObject(
        {
            name("Type"): name("FontDescriptor"),
            name("FontName"): name("Vera"),
            name("Flags"): NumberObject(4),
            name("FontFile2"): writer._add_object(stream(_VERA.read_bytes())),
        }
    )
    inner = DictionaryObject(
        {
            name("Type"): name("Font"),
            name("Subtype"): name("CIDFontType2"),
            name("BaseFont"): name("Vera"),
            name("CIDToGIDMap"): name("Identity"),
            name("DW"): NumberObject(600),
            name("FontDescriptor"): writer._add_object(descriptor),
        }
    )
    font = DictionaryObject(
        {
            name("Type"): name("Font"),
            name("Subtype"): name("Type0"),
            name("BaseFont"): name("Vera"),
            name("Encoding"): name("Identity-H"),
            name("DescendantFonts"): ArrayObject([writer._add_object(inner)]),
            name("ToUnicode"): writer._add_object(stream(to_unicode.encode())),
        }
    )
    page[name("Resources")] = DictionaryObject({name("Font"): DictionaryObject({name("F"): writer._add_object(font)})})
    codes = "".join(f"{glyphs[ord(character)]:04x}" for character in text)
    page[name("Contents")] = writer._add_object(stream(f"BT /F 12 Tf 50 100 Td <{codes}> Tj ET".encode()))
    buffer = io.BytesIO()
    writer.write(buffer)
    [block] = read_pdf(buffer.getvalue()).blocks
    assert isinstance(block, Paragraph)
    return block.text


def test_a_map_that_agrees_with_the_font_is_read() -> None:
    assert printed("abc307", {}) == "abc307"


@pytest.mark.parametrize("meaning", [{"3": "8", "8": "3"}, {"3": "a"}], ids=str)
def test_digits_on_which_map_and_font_disagree_are_unknown(meaning: dict[str, str]) -> None:
    text = printed("abc107", meaning)
    assert text.startswith("abc")
    assert text.endswith("\ufffd\ufffd\ufffd")
