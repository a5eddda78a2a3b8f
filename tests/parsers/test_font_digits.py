"""Fonts whose map to Unicode and whose own tables disagree on digits."""

from __future__ import annotations

import io
import struct
from pathlib import Path

import pypdf
import pytest
import reportlab
from pypdf.generic import ArrayObject, DecodedStreamObject, DictionaryObject, NameObject, NumberObject
from reportlab.pdfbase.ttfonts import TTFontFile

from parsers.document import Paragraph
from parsers.readers.cff_digits import NONE, read_cff_digits
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


# CFF ---------------------------------------------------------------------------------------

_DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_SIDS = {text: 17 + at for at, text in enumerate(_DIGITS)} | {chr(code): code - 31 for code in range(0x41, 0x5B)}


def index(*entries: bytes) -> bytes:
    ends = [1]
    for entry in entries:
        ends.append(ends[-1] + len(entry))
    return struct.pack(">HB", len(entries), 2) + struct.pack(f">{len(ends)}H", *ends) + b"".join(entries)


def cff(*names: str, charset: int = 0, encoding: bytes | None = None, keyed: bool = False) -> bytes:
    """A CFF program of blank glyphs with names, its charset in a format, its encoding standard or its own."""
    sids = [_SIDS[text] for text in names]
    if charset == 0:
        named = bytes([0]) + struct.pack(f">{len(sids)}H", *sids)
    else:
        named = bytes([charset]) + b"".join(struct.pack(">HB" if charset == 1 else ">HH", sid, 0) for sid in sids)
    glyphs = index(*[bytes([139, 14])] * (len(names) + 1))

    def top(at: int) -> bytes:
        places = (at, at + len(named), at + len(named) + len(glyphs))
        ops = b"".join(b"\x1d" + struct.pack(">iB", place, op) for place, op in zip(places, (15, 17, 18), strict=True))
        # The private dictionary is empty: its size goes before its place.
        ops = ops[:-6] + b"\x8b" + ops[-6:]
        own = b"\x1d" + struct.pack(">iB", places[2], 16) if encoding is not None else b""
        ros = b"\x8b\x8b\x8b\x0c\x1e" if keyed else b""
        return index(ros + ops + own)

    head = bytes([1, 0, 4, 2]) + index(b"Digits")
    rest = index()[:2] + index()[:2]
    at = len(head) + len(top(0)) + len(rest)
    return head + top(at) + rest + named + glyphs + (encoding or b"")


def as_opentype(program: bytes) -> bytes:
    return b"OTTO" + struct.pack(">HHHH", 1, 16, 0, 0) + b"CFF " + struct.pack(">III", 0, 28, len(program)) + program


def printed_in_cff(
    program: bytes, codes: str, meaning: dict[int, str], encoding: object = None, *, cid: bool = False
) -> str:
    """Text of a PDF that draws ``codes`` (hexadecimal) in an embedded CFF font with a map of its own."""
    wide = 4 if cid else 2
    lines = "".join(f"<{code:0{wide}x}> <{ord(text):04x}>\n" for code, text in meaning.items())
    to_unicode = (
        "/CIDInit /ProcSet findresource begin begincmap 1 begincodespacerange "
        f"<{'0' * wide}> <{'f' * wide}> endcodespacerange\n"
        f"{len(meaning)} beginbfchar\n{lines}endbfchar endcmap end"
    )
    writer = pypdf.PdfWriter()
    page = writer.add_blank_page(300, 200)
    file = stream(program)
    subtype = "OpenType" if program.startswith(b"OTTO") else "CIDFontType0C" if cid else "Type1C"
    file[name("Subtype")] = name(subtype)
    descriptor = writer._add_object(
        DictionaryObject(
            {
                name("Type"): name("FontDescriptor"),
                name("FontName"): name("Digits"),
                name("Flags"): NumberObject(4),
                name("FontFile3"): writer._add_object(file),
            }
        )
    )
    common = {name("Type"): name("Font"), name("BaseFont"): name("Digits")}
    font = DictionaryObject({**common, name("ToUnicode"): writer._add_object(stream(to_unicode.encode()))})
    if cid:
        inner = DictionaryObject(
            {
                **common,
                name("Subtype"): name("CIDFontType0"),
                name("DW"): NumberObject(600),
                name("FontDescriptor"): descriptor,
            }
        )
        font[name("Subtype")] = name("Type0")
        font[name("Encoding")] = name("Identity-H")
        font[name("DescendantFonts")] = ArrayObject([writer._add_object(inner)])
    else:
        font[name("Subtype")] = name("Type1")
        font[name("FontDescriptor")] = descriptor
        font[name("FirstChar")] = NumberObject(0)
        font[name("LastChar")] = NumberObject(255)
        font[name("Widths")] = ArrayObject([NumberObject(600)] * 256)
        if encoding is not None:
            font[name("Encoding")] = encoding
    page[name("Resources")] = DictionaryObject({name("Font"): DictionaryObject({name("F"): writer._add_object(font)})})
    page[name("Contents")] = writer._add_object(stream(f"BT /F 12 Tf 50 100 Td <{codes}> Tj ET".encode()))
    buffer = io.BytesIO()
    writer.write(buffer)
    [block] = read_pdf(buffer.getvalue()).blocks
    assert isinstance(block, Paragraph)
    return block.text


ONE_AND_SEVEN = ("A", "one", "seven")
OWN = bytes([0, 3, 0x61, 0x62, 0x63])
"""An encoding of ``ONE_AND_SEVEN``."""


@pytest.mark.parametrize("program", [cff(*ONE_AND_SEVEN, encoding=OWN), as_opentype(cff(*ONE_AND_SEVEN, encoding=OWN))])
def test_a_map_and_the_encoding_of_a_cff_font(program: bytes) -> None:
    assert printed_in_cff(program, "616263", {0x61: "A", 0x62: "1", 0x63: "7"}) == "A17"
    assert printed_in_cff(program, "616263", {0x61: "A", 0x62: "7", 0x63: "1"}) == "A\ufffd\ufffd"


def test_a_map_and_a_common_encoding_of_a_cff_font() -> None:
    program = cff(*ONE_AND_SEVEN, encoding=OWN)
    for encoding in (name("WinAnsiEncoding"), DictionaryObject({name("BaseEncoding"): name("MacRomanEncoding")})):
        assert printed_in_cff(program, "413137", {0x41: "A", 0x31: "1", 0x37: "7"}, encoding) == "A17"
        assert printed_in_cff(program, "413137", {0x41: "A", 0x31: "7", 0x37: "1"}, encoding) == "A\ufffd\ufffd"


def test_a_map_and_the_glyphs_of_a_cff_font_with_codes_of_two_bytes() -> None:
    program = cff(*ONE_AND_SEVEN)
    assert printed_in_cff(program, "000100020003", {1: "A", 2: "1", 3: "7"}, cid=True) == "A17"
    assert printed_in_cff(program, "000100020003", {1: "A", 2: "7", 3: "1"}, cid=True) == "A\ufffd\ufffd"


def test_a_cff_font_without_names_tells_nothing() -> None:
    program = cff(*ONE_AND_SEVEN, keyed=True)
    assert read_cff_digits(program) == NONE
    assert printed_in_cff(program, "000100020003", {1: "A", 2: "7", 3: "1"}, cid=True) == "A71"


@pytest.mark.parametrize("charset", [0, 1, 2])
def test_digits_of_a_cff_font_by_glyph_and_code(charset: int) -> None:
    names = ("B", *reversed(_DIGITS))
    digits = read_cff_digits(cff(*names, charset=charset))
    assert digits.by_glyph == {glyph: str(11 - glyph) for glyph in range(2, 12)}
    assert digits.by_code == {ord(digit): digit for digit in "0123456789"}
    ranged = read_cff_digits(cff(*names, charset=charset, encoding=bytes([1, 2, 0x20, 0, 0x40, 9])))
    assert ranged.by_code == {0x40 + at: str(9 - at) for at in range(10)}
    supplemented = read_cff_digits(cff(*names, charset=charset, encoding=bytes([0x80, 1, 0x20, 1, 0x99, 0, 20])))
    assert supplemented.by_code == {0x99: "3"}


def test_a_damaged_cff_font_tells_nothing() -> None:
    program = cff(*ONE_AND_SEVEN, encoding=OWN)
    whole = read_cff_digits(program)
    assert whole.by_glyph == {2: "1", 3: "7"}
    for length in range(len(program)):
        assert read_cff_digits(program[:length]) in (NONE, whole)
