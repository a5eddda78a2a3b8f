"""Fonts that say what glyph to draw and not which character it is, or say it wrong.

PDFium reports most of them for each character. The exception is a symbolic TrueType subset with
neither an encoding nor a ToUnicode map: its codes are arbitrary, and PDFium takes those that
happen to be ASCII codes for the ASCII characters.
"""

from __future__ import annotations

import ctypes
import io
import re
import zlib
from typing import Any

import pypdfium2.raw as pdfium_c
from pdfminer.pdfdocument import PDFDocument
from pdfminer.pdfparser import PDFParser
from pdfminer.pdftypes import resolve1
from pdfminer.psparser import PSLiteral

from parsers.readers.font_digits import contradicted, tells_digits

_MAX_OBJECTS = 5_000
_SYMBOLIC = 4
_NAME_BYTES = 256
_MAX_UNPACKED = 4_000_000
_OBJECT_STREAM = re.compile(rb"/ObjStm\b[^>]*(?:>(?!>)[^>]*)*>>\s*stream\r?\n")
_TRUETYPE = re.compile(rb"/TrueType\b")
_MAP = re.compile(rb"/(?:ToUnicode|Encoding)\b")
_SUBTYPE = re.compile(rb"/Subtype\s*(/[^\s/<>\[\]()]*)")
_REFERENCE = re.compile(rb"\s*(\d+)\s+(\d+)\s+R\b")


class Fonts:
    """The fonts of one file. The file's own dictionaries are read only if a font asks for it."""

    def __init__(self, payload: bytes) -> None:
        self._payload = payload
        self._names: set[str] | None = None
        self._unread = False
        self._contradicted: set[str] | None = None
        self._telling: dict[str, bool] = {}

    def mapless(self, address: int) -> bool:
        """Whether characters of the PDFium font at ``address`` are known by arbitrary codes only."""
        font = ctypes.cast(address, pdfium_c.FPDF_FONT)
        flags = pdfium_c.FPDFFont_GetFlags(font)
        if pdfium_c.FPDFFont_GetIsEmbedded(font) != 1 or flags < 0 or not flags & _SYMBOLIC:
            return False
        if self._names is None:
            self._names = self._read()
        return self._unread or _name_of(font) in self._names

    def digits_doubtful(self, address: int) -> bool:
        """Whether the PDFium font at ``address`` draws other digits than the file says, or that cannot be checked."""
        font = ctypes.cast(address, pdfium_c.FPDF_FONT)
        if pdfium_c.FPDFFont_GetIsEmbedded(font) != 1:
            return False
        name = _name_of(font)
        if name not in self._telling:
            self._telling[name] = tells_digits(_program(font))
        if not self._telling[name]:
            return False
        if self._contradicted is None:
            self._contradicted = self._read_contradicted()
        return name in self._contradicted

    def _read_contradicted(self) -> set[str]:
        """Names of the fonts whose map and program tell different digits."""
        names: set[str] = set()
        try:
            document = PDFDocument(PDFParser(io.BytesIO(self._payload)))
            numbers = {number for xref in document.xrefs for number in xref.get_objids()}
            if len(numbers) > _MAX_OBJECTS:
                return set(self._telling)
            for number in numbers:
                entry = document.getobj(number) if number else None
                if isinstance(entry, dict) and "ToUnicode" in entry and contradicted(entry):
                    names.add(_plain(_name(entry.get("BaseFont"))))
        except Exception:
            # As below: a font that cannot be checked is not trusted.
            return set(self._telling)
        return names

    def _read(self) -> set[str]:
        """Names of the TrueType fonts without encoding and map."""
        names: set[str] = set()
        if _all_mapped(self._payload):
            return names
        try:
            document = PDFDocument(PDFParser(io.BytesIO(self._payload)))
            numbers = {number for xref in document.xrefs for number in xref.get_objids()}
            if len(numbers) > _MAX_OBJECTS:
                self._unread = True
                return names
            for number in numbers:
                entry = document.getobj(number) if number else None
                if not isinstance(entry, dict) or _name(entry.get("Subtype")) != "TrueType":
                    continue
                if resolve1(entry.get("ToUnicode")) is None and resolve1(entry.get("Encoding")) is None:
                    names.add(_plain(_name(entry.get("BaseFont"))))
        except Exception:
            # pdfminer meets damage with many kinds of errors; a font that cannot be checked is not trusted.
            self._unread = True
        return names


def _all_mapped(payload: bytes) -> bool:
    """Whether the bytes alone show that no TrueType font lacks a map; quick, and most files end here.

    Objects packed in streams are unpacked and only searched for the word.
    """
    if b"/Encrypt" in payload or b"#" in b"".join(_SUBTYPE.findall(payload)):
        return False
    for stream in _OBJECT_STREAM.finditer(payload):
        unpacked = zlib.decompressobj()
        try:
            if b"/TrueType" in unpacked.decompress(payload[stream.end() :], _MAX_UNPACKED) or unpacked.unconsumed_tail:
                return False
        except zlib.error:
            return False
    for font in _TRUETYPE.finditer(payload):
        start, end = payload.rfind(b" obj", 0, font.start()), payload.find(b"endobj", font.end())
        body = payload[max(start, 0) : end]
        maps = [body[found.end() :] for found in _MAP.finditer(body)]
        if start < 0 or end < 0 or not any(_is_there(value, payload) for value in maps):
            return False
    return True


def _is_there(value: bytes, payload: bytes) -> bool:
    """Whether a dictionary's value is written out, or refers to an object that the file has."""
    if reference := _REFERENCE.match(value):
        return b"\n%s %s obj" % reference.groups() in payload
    return value.lstrip()[:1] in (b"/", b"<")


def _name(value: Any) -> str:
    value = resolve1(value)
    return str(value.name) if isinstance(value, PSLiteral) else ""


def _name_of(font: Any) -> str:
    buffer = ctypes.create_string_buffer(_NAME_BYTES)
    pdfium_c.FPDFFont_GetBaseFontName(font, buffer, _NAME_BYTES)
    return _plain(buffer.value.decode("utf-8", "replace"))


def _program(font: Any) -> bytes:
    """The embedded font program."""
    size = ctypes.c_size_t()
    if not pdfium_c.FPDFFont_GetFontData(font, None, 0, ctypes.byref(size)) or size.value > _MAX_UNPACKED:
        return b""
    buffer = (ctypes.c_uint8 * size.value)()
    pdfium_c.FPDFFont_GetFontData(font, buffer, size.value, ctypes.byref(size))
    return bytes(buffer)


def _plain(name: str) -> str:
    """Name without the tag of a subset: PDFium drops it for some kinds of fonts."""
    tag, plus, rest = name.partition("+")
    return rest if plus and len(tag) == 6 else name
