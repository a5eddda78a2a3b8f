"""Small PDF files that ask their reader for very much; written by hand, object by object."""

from __future__ import annotations

import zlib

_FONT = "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"
_PAGE = (
    "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {side} {side}] /Contents 4 0 R "
    "/Resources << /Font << /F 5 0 R >> /XObject << {forms} >> >> >>"
)
_TEXT = b"BT /F 12 Tf 72 720 Td (hello) Tj ET "


def assembled(objects: dict[int, str | bytes]) -> bytes:
    """A PDF of the numbered objects, number 1 the catalogue."""
    out = bytearray(b"%PDF-1.7\n")
    places = {}
    for number, body in sorted(objects.items()):
        places[number] = len(out)
        out += b"%d 0 obj\n" % number + (body.encode() if isinstance(body, str) else body) + b"\nendobj\n"
    start = len(out)
    out += b"xref\n0 1\n0000000000 65535 f \n"
    for number, place in places.items():
        out += b"%d 1\n%010d 00000 n \n" % (number, place)
    size = max(places) + 1
    out += b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (size, start)
    return bytes(out)


def stream(content: bytes, entries: str = "") -> bytes:
    return b"<< /Length %d %s >>\nstream\n" % (len(content), entries.encode()) + content + b"\nendstream"


def deflated(content: bytes, times: int = 1, entries: str = "") -> bytes:
    for _ in range(times):
        content = zlib.compress(content, 9)
    filters = " ".join(["/FlateDecode"] * times)
    return stream(content, f"/Filter [{filters}] {entries}")


def zlib_of_repeated(head: bytes, unit: bytes, count: int) -> bytes:
    """What zlib makes of ``head + unit * count``, in far less time: equal blocks are packed once."""
    per_block = max(1, 1_000_000 // len(unit))
    blocks, rest = divmod(count, per_block)
    packer = zlib.compressobj(9)
    out = packer.compress(head) + packer.flush(zlib.Z_FULL_FLUSH)
    block = unit * per_block
    packed_block = packer.compress(block) + packer.flush(zlib.Z_FULL_FLUSH)
    out += packed_block * blocks
    checksum = zlib.adler32(head)
    for _ in range(blocks):
        checksum = zlib.adler32(block, checksum)
    end = zlib.compressobj(9, wbits=-15)
    out += end.compress(unit * rest) + end.flush()
    return out + zlib.adler32(unit * rest, checksum).to_bytes(4, "big")


def repeated(head: bytes, unit: bytes, count: int, times: int = 1) -> bytes:
    """A stream object of ``head + unit * count``, packed ``times``."""
    content = zlib_of_repeated(head, unit, count)
    for _ in range(times - 1):
        content = zlib.compress(content, 9)
    return stream(content, f"/Filter [{' '.join(['/FlateDecode'] * times)}]")


def one_page(
    content: bytes, forms: dict[int, bytes] | None = None, *, side: int = 800, names: str = "", pages: str = ""
) -> bytes:
    """One page with ``content`` (a whole stream object) and form objects by number."""
    return assembled(
        {
            1: "<< /Type /Catalog /Pages 2 0 R >>",
            2: pages or "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
            3: _PAGE.format(side=side, forms=names),
            4: content,
            5: _FONT,
            **(forms or {}),
        }
    )


def form(content: bytes, uses: str = "") -> bytes:
    entries = f"/Type /XObject /Subtype /Form /BBox [0 0 800 800] /Resources << /XObject << {uses} >> >>"
    return stream(content, entries)


def deflate_bomb(size: int, times: int = 1) -> bytes:
    """A page's content of ``size`` blanks, packed ``times``."""
    return one_page(repeated(_TEXT, b" ", size, times))


def operator_bomb(count: int) -> bytes:
    """A page that draws ``count`` rectangles."""
    return one_page(repeated(_TEXT, b"1 1 5 5 re f ", count))


def self_recursive_form() -> bytes:
    """A form that draws itself twice."""
    return one_page(stream(_TEXT + b"/X Do"), {6: form(b"/X Do /X Do", "/X 6 0 R")}, names="/X 6 0 R")


def form_fan_out(levels: int, width: int) -> bytes:
    """Forms that each draw the next one ``width`` times: ``width ** levels`` in the end."""
    last = 6 + levels
    forms = {6 + level: form(b"/X Do " * width, f"/X {7 + level} 0 R") for level in range(levels)}
    forms[last] = form(b"1 1 5 5 re f")
    return one_page(stream(_TEXT + b"/X Do"), forms, names="/X 6 0 R")


def rule_grid(rows: int, columns: int) -> bytes:
    """A page ruled into ``rows`` by ``columns``."""
    across = b"".join(b"5 %d m 795 %d l S " % (5 + 790 * row // rows, 5 + 790 * row // rows) for row in range(rows))
    down = b"".join(b"%d 5 m %d 795 l S " % (5 + 790 * c // columns, 5 + 790 * c // columns) for c in range(columns))
    return one_page(deflated(_TEXT + across + down))


def nested_arrays(depth: int) -> bytes:
    """Content that opens ``depth`` arrays."""
    return one_page(deflated(_TEXT + b"[" * depth + b"]" * depth + b" TJ"))


def nested_dictionaries(depth: int) -> bytes:
    """A page tree whose root holds dictionaries ``depth`` deep."""
    pages = "<< /Type /Pages /Kids [3 0 R] /Count 1 /X " + "<< /X " * depth + "0" + " >>" * depth + " >>"
    return one_page(stream(_TEXT), pages=pages)


def giant_page() -> bytes:
    """A page of 14.4 million points."""
    return one_page(stream(_TEXT), side=14_400_000)


def claimed_pages(count: int) -> bytes:
    """A page tree of one page that claims ``count``."""
    return one_page(stream(_TEXT), pages=f"<< /Type /Pages /Kids [3 0 R] /Count {count} >>")


def cyclic_tree() -> bytes:
    """A page tree that is its own kid."""
    return one_page(stream(_TEXT), pages="<< /Type /Pages /Kids [2 0 R 3 0 R 2 0 R] /Count 3 >>")


def endless_text(count: int) -> bytes:
    """A page that prints ``count`` characters."""
    return one_page(deflated(b"BT /F 1 Tf 72 720 Td " + b"(" + b"a" * count + b") Tj ET"))
