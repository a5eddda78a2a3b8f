"""PDF: a sound file built around page contents, fonts, character maps, forms and annotations, or a file as it is."""

from __future__ import annotations

import random
from collections.abc import Iterator

from fuzzing import mutations, parts
from fuzzing.target import Target
from fuzzing.targets import documents

_SONG = (
    b"<< /Type /Font /Subtype /Type0 /BaseFont /STSong-Light /Encoding /UniGB-UCS2-H /DescendantFonts [ << /Type /Font "
    b"/Subtype /CIDFontType0 /BaseFont /STSong-Light /CIDSystemInfo << /Registry (Adobe) /Ordering (GB1) /Supplement 0 >> "
    b"/DW 1000 >> ] >>"
)
_LATIN = b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>"
_DICTIONARIES = {"font": _LATIN, "song": _SONG, "annotation": b"<< /Type /Annot /Subtype /Text /Rect [0 0 9 9] >>"}
_STREAMS = ("tounicode", "form")
TOKENS = (
    *(
        b" Tj ",
        b" TJ ",
        b" Tm ",
        b" Td ",
        b" T* ",
        b" Tf ",
        b" Tr ",
        b" Tz ",
        b" Ts ",
        b" TL ",
        b" Tc ",
        b" Tw ",
        b" BT ",
        b" ET ",
    ),
    *(
        b" q ",
        b" Q ",
        b" cm ",
        b" re ",
        b" m ",
        b" l ",
        b" S ",
        b" f ",
        b" W n ",
        b" d ",
        b" w ",
        b" rg ",
        b" RG ",
        b" g ",
        b" /X1 Do ",
    ),
    *(
        b" /G1 gs ",
        b" BI /W 1 /H 1 /CS /G /BPC 8 ID x EI ",
        b" 3 Tr ",
        b" 1 1 1 rg ",
        b" 0 0 595 842 re f ",
        b"[0.1 0.2] 0 d ",
    ),
    *(
        b" /F2 10.5 Tf ",
        b" /F1 0 Tf ",
        b"<0035>",
        b"(\\0005)",
        b"<FFFF>",
        b" 1 0 0 1 40 400 Tm ",
        b" 0 1 -1 0 0 0 Tm ",
        b" 1e9 0 Td ",
    ),
    *(
        b" /Rotate 90 ",
        b" /MediaBox [0 0 0 0] ",
        b" /CropBox [50 50 100 100] ",
        b" /UserUnit 2 ",
        b" /Subtype /Widget ",
        b" /V (5) ",
    ),
    *(
        b" /Encoding /Identity-H ",
        b" /ToUnicode 7 0 R ",
        b" /W [0 [500 600]] ",
        b" /FontMatrix [0 0 0 0 0 0] ",
        b" /Type3 ",
    ),
    *(
        b"beginbfchar\n<0035> <0036>\nendbfchar\n",
        b"1 beginbfrange\n<0000> <FFFF> <0000>\nendbfrange\n",
        b" /OC /MC0 BDC ",
        b" EMC ",
    ),
)


def built(data: bytes) -> bytes:
    """The file that an input stands for."""
    found = parts.split(data)
    if found is None:
        return data
    pages = [body for name, body in found.items() if name.startswith("page")][:4] or [b""]
    objects = {
        1: b"<< /Type /Catalog /Pages 2 0 R %s >>" % found.get("catalog", b""),
        5: found.get("font", _LATIN),
        6: found.get("song", _SONG),
        7: _stream(found.get("tounicode", b"")),
        8: _stream(
            found.get("form", b""),
            b"/Type /XObject /Subtype /Form /BBox [0 0 595 842] /Resources << /Font << /F1 5 0 R /F2 6 0 R >> >>",
        ),
        9: found.get("annotation", _DICTIONARIES["annotation"]),
    }
    kids = []
    for index, content in enumerate(pages):
        number = 20 + 2 * index
        kids.append(b"%d 0 R" % number)
        objects[number] = (
            b"<< /Type /Page /Parent 2 0 R /Contents %d 0 R /Resources << /Font << /F1 5 0 R /F2 6 0 R >> /XObject << /X1 8 0 R >> "
            b"/ExtGState << /G1 << /ca 0 >> >> >> /Annots [9 0 R] /MediaBox [0 0 595 842] %s >>"
            % (number + 1, found.get("box", b""))
        )
        objects[number + 1] = _stream(content)
    objects[2] = b"<< /Type /Pages /Kids [%s] /Count %d >>" % (b" ".join(kids), len(kids))
    return _assembled(objects)


def _stream(content: bytes, entries: bytes = b"") -> bytes:
    return b"<< /Length %d %s >>\nstream\n" % (len(content), entries) + content + b"\nendstream"


def _assembled(objects: dict[int, bytes]) -> bytes:
    out = bytearray(b"%PDF-1.7\n")
    places = {}
    for number, body in sorted(objects.items()):
        places[number] = len(out)
        out += b"%d 0 obj\n" % number + body + b"\nendobj\n"
    start = len(out)
    out += b"xref\n0 1\n0000000000 65535 f \n"
    for number, place in places.items():
        out += b"%d 1\n%010d 00000 n \n" % (number, place)
    out += b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (max(places) + 1, start)
    return bytes(out)


def _check(data: bytes) -> None:
    documents.check(built(data))


def _mutate(data: bytes, longest: int, chance: random.Random) -> bytes | None:
    return mutations.mutate(data, longest, chance, TOKENS) if parts.split(data) is not None else None


def _seeds() -> Iterator[bytes]:
    import io

    from pypdf import PdfReader

    from fuzzing import seeds

    for _name, payload in seeds.documents("reportlab", ".pdf"):
        reader = PdfReader(io.BytesIO(payload))
        # The first page is prose, the second and third hold tables.
        contents = [page.get_contents() for page in reader.pages]
        streams = [one.get_data() for one in contents if one is not None]
        for chosen in (
            {"page1": streams[0], "page2": streams[1]},
            {"page1": streams[1]},
            {"page1": streams[0], "page2": streams[2]},
        ):
            data = parts.join(chosen)
            if len(data) <= TARGET.longest:
                yield data
    yield parts.join(
        {
            "page1": b"q 50 50 400 300 re S 50 200 m 450 200 l S 250 50 m 250 350 l S BT /F1 12 Tf 60 220 Td (12) Tj ET "
            b"BT /F2 10.5 Tf 1 0 0 1 60 300 Tm <81ea71364eba> Tj ET /X1 Do Q",
            "font": b"<< /Type /Font /Subtype /TrueType /BaseFont /ABCDEF+SimSun /FirstChar 0 /LastChar 255 /Encoding "
            b"/WinAnsiEncoding /ToUnicode 7 0 R >>",
            "tounicode": b"/CIDInit /ProcSet findresource begin 12 dict begin begincmap 1 begincodespacerange <00> <FF> "
            b"endcodespacerange 2 beginbfchar <31> <0035> <32> <0036> endbfchar endcmap end end",
            "form": b"BT /F1 9 Tf 70 230 Td (7) Tj ET",
            "annotation": b"<< /Type /Annot /Subtype /Widget /FT /Tx /V (5) /Rect [60 60 90 80] /F 4 >>",
            "box": b"/Rotate 0",
            "catalog": b"/AcroForm << /Fields [9 0 R] >>",
        }
    )
    yield built(parts.join({"page1": b"BT /F1 12 Tf 60 220 Td (12) Tj ET"}))


TARGET = Target("pdf", _check, _seeds, _mutate, longest=24_000)
