"""PDFium's functions as they are called for every character and object of a page.

pypdfium2 binds them with typed pointers, which Python makes anew at each call. Here a handle is
its address, a plain number, and what PDFium writes to is given as ``ctypes.byref`` of one object
kept by the caller: several times faster, and the time of reading a page is mostly these calls.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from ctypes import c_int, c_uint, c_void_p
from typing import Any

import pypdfium2.raw as pdfium_c


def _plain(function: Any, result: Any, *arguments: Any) -> Callable[..., Any]:
    address = ctypes.cast(function, c_void_p).value
    assert address is not None
    # PDFium is called from one thread at a time, so nothing is gained by letting go of the interpreter's lock.
    prototype: Callable[[int], Callable[..., Any]] = ctypes.PYFUNCTYPE(result, *arguments)
    return prototype(address)


def address_of(handle: Any) -> int:
    """Address of a handle of pypdfium2, 0 for none."""
    return ctypes.cast(handle, c_void_p).value or 0


# Characters: a text page and an index.
text_object = _plain(pdfium_c.FPDFText_GetTextObject, c_void_p, c_void_p, c_int)
text_of_page = _plain(pdfium_c.FPDFText_GetText, c_int, c_void_p, c_int, c_int, c_void_p)
unicode_of = _plain(pdfium_c.FPDFText_GetUnicode, c_uint, c_void_p, c_int)
has_no_map = _plain(pdfium_c.FPDFText_HasUnicodeMapError, c_int, c_void_p, c_int)
loose_box = _plain(pdfium_c.FPDFText_GetLooseCharBox, c_int, c_void_p, c_int, c_void_p)
ink_box = _plain(pdfium_c.FPDFText_GetCharBox, c_int, c_void_p, c_int, c_void_p, c_void_p, c_void_p, c_void_p)
character_matrix = _plain(pdfium_c.FPDFText_GetMatrix, c_int, c_void_p, c_int, c_void_p)
font_size = _plain(pdfium_c.FPDFText_GetFontSize, ctypes.c_double, c_void_p, c_int)

# Objects of a page or form.
object_of_page = _plain(pdfium_c.FPDFPage_GetObject, c_void_p, c_void_p, c_int)
object_of_form = _plain(pdfium_c.FPDFFormObj_GetObject, c_void_p, c_void_p, ctypes.c_ulong)
kind_of = _plain(pdfium_c.FPDFPageObj_GetType, c_int, c_void_p)
bounds_of = _plain(pdfium_c.FPDFPageObj_GetBounds, c_int, c_void_p, c_void_p, c_void_p, c_void_p, c_void_p)
matrix_of = _plain(pdfium_c.FPDFPageObj_GetMatrix, c_int, c_void_p, c_void_p)
fill_colour = _plain(pdfium_c.FPDFPageObj_GetFillColor, c_int, c_void_p, c_void_p, c_void_p, c_void_p, c_void_p)
stroke_colour = _plain(pdfium_c.FPDFPageObj_GetStrokeColor, c_int, c_void_p, c_void_p, c_void_p, c_void_p, c_void_p)
count_of_marks = _plain(pdfium_c.FPDFPageObj_CountMarks, c_int, c_void_p)
mark_of = _plain(pdfium_c.FPDFPageObj_GetMark, c_void_p, c_void_p, ctypes.c_ulong)
name_of_mark = _plain(pdfium_c.FPDFPageObjMark_GetName, c_int, c_void_p, c_void_p, ctypes.c_ulong, c_void_p)
count_of_page = _plain(pdfium_c.FPDFPage_CountObjects, c_int, c_void_p)
count_of_form = _plain(pdfium_c.FPDFFormObj_CountObjects, c_int, c_void_p)

# Text objects.
render_mode = _plain(pdfium_c.FPDFTextObj_GetTextRenderMode, c_int, c_void_p)
font_of = _plain(pdfium_c.FPDFTextObj_GetFont, c_void_p, c_void_p)

# Paths.
draw_mode = _plain(pdfium_c.FPDFPath_GetDrawMode, c_int, c_void_p, c_void_p, c_void_p)
count_of_segments = _plain(pdfium_c.FPDFPath_CountSegments, c_int, c_void_p)
segment_of = _plain(pdfium_c.FPDFPath_GetPathSegment, c_void_p, c_void_p, c_int)
segment_point = _plain(pdfium_c.FPDFPathSegment_GetPoint, c_int, c_void_p, c_void_p, c_void_p)
segment_kind = _plain(pdfium_c.FPDFPathSegment_GetType, c_int, c_void_p)
segment_closes = _plain(pdfium_c.FPDFPathSegment_GetClose, c_int, c_void_p)
