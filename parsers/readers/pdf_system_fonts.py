"""What PDFium puts in the place of the fonts that a file names and does not carry.

Which character it is and how far it advances stand in the file; of the glyphs only the ink of
figures matters. So a font of empty frames stands in for all while files are read: a file then reads the
same on every machine, with Chinese fonts or without, and several times faster than where each page
makes PDFium load a font of the machine. Pictures of pages for people do need the machine's fonts.
"""

from __future__ import annotations

import ctypes
from functools import cache
from typing import Any

import pypdfium2.raw as pdfium_c

from parsers.readers.frame_font import frame_font

_HANDLE = 1
# PDFium carries the standard fonts itself; files do not state the advances of these.
_OWN = (b"helvetica", b"arial", b"courier", b"times", b"symbol", b"zapf")
_HAN_CHARSETS = frozenset((128, 129, 134, 136))  # of Windows: Japanese, Korean, simplified and traditional Chinese
_WHOLE_FILE = 0
_replaced = False


def replace_system_fonts() -> None:
    """Let PDFium use the stand-in for every missing font from now on."""
    global _replaced
    if not _replaced:
        pdfium_c.FPDF_SetSystemFontInfo(ctypes.byref(_stand_in()))
        _replaced = True


def use_system_fonts() -> None:
    """Let PDFium use the machine's fonts again."""
    global _replaced
    if _replaced and (default := pdfium_c.FPDF_GetDefaultSystemFontInfo()):
        pdfium_c.FPDF_SetSystemFontInfo(default)
        _replaced = False


@cache
def _stand_in() -> Any:
    """The callbacks by which PDFium asks for fonts; kept for ever, since PDFium keeps their address."""
    content = frame_font()

    def map_font(
        _info: object, _weight: int, _italic: int, charset: int, _pitch: int, face: Any, _exact: object
    ) -> int | None:
        name = ctypes.string_at(face).lower() if face else b""
        return None if charset not in _HAN_CHARSETS and name.startswith(_OWN) else _HANDLE

    def font_data(_info: object, _font: object, table: int, buffer: Any, size: int) -> int:
        if table != _WHOLE_FILE:
            return 0
        if buffer and size >= len(content):
            ctypes.memmove(buffer, content, len(content))
        return len(content)

    info = pdfium_c.FPDF_SYSFONTINFO(version=1)
    kinds = dict(pdfium_c.FPDF_SYSFONTINFO._fields_)
    info.MapFont = kinds["MapFont"](map_font)
    info.GetFontData = kinds["GetFontData"](font_data)
    return info
