"""Packed attachments: one report among other files, several of them, none."""

from __future__ import annotations

import io
import random
import struct
import zipfile
import zlib
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

from benchmarks.corpus.dialects import Source, add
from benchmarks.corpus.markup import plain_page
from benchmarks.corpus.reports import FilledReport, fill
from benchmarks.corpus.texts import tab_separated, text_of
from benchmarks.corpus.word import docx
from benchmarks.corpus.workbooks import xlsx

_EPOCH = (1980, 1, 1, 0, 0, 0)
File = tuple[str, bytes]
_README = ("说明.txt", "请各单位按要求报送。".encode("gb18030"))


def zipped(files: Sequence[File], *, gbk_names: bool = False) -> bytes:
    """A ZIP file; with ``gbk_names`` its names are in GBK and nothing says so."""
    with zipfile.ZipFile(buffer := io.BytesIO(), "w", zipfile.ZIP_DEFLATED) as archive:
        for name, payload in files:
            entry = zipfile.ZipInfo(name.encode("gb18030").decode("cp437") if gbk_names else name, _EPOCH)
            archive.writestr(entry, payload, compress_type=zipfile.ZIP_DEFLATED)
    packed = buffer.getvalue()
    if not gbk_names:
        return packed
    # zipfile marks names beyond ASCII as UTF-8; the names are put back as they were meant.
    for name, _payload in files:
        stored = name.encode("gb18030").decode("cp437").encode("utf-8")
        packed = packed.replace(stored, name.encode("gb18030").ljust(len(stored), b"_")[: len(stored)])
    return packed


def rarred(files: Sequence[File]) -> bytes:
    """A RAR file of version 4 whose members are stored, not compressed (RAR's public technical note)."""
    parts = [b"Rar!\x1a\x07\x00", _block(0x73, 0x0000, b"\x00" * 6)]
    for name, payload in files:
        encoded = name.encode("ascii")
        head = struct.pack(
            "<IIBIIBBHI",
            len(payload),
            len(payload),
            3,
            zlib.crc32(payload),
            0x00210000,
            20,
            0x30,
            len(encoded),
            0o100644,
        )
        parts += [_block(0x74, 0x8000, head + encoded), payload]
    parts.append(_block(0x7B, 0x4000, b""))
    return b"".join(parts)


def _block(kind: int, flags: int, body: bytes) -> bytes:
    rest = struct.pack("<BHH", kind, flags, 7 + len(body)) + body
    return struct.pack("<H", zlib.crc32(rest) & 0xFFFF) + rest


Render = Callable[[FilledReport], bytes]
_INSIDE: dict[str, Render] = {
    "docx": docx,
    "html": lambda report: plain_page(report).encode(),
    "xlsx": xlsx,
    "txt": lambda report: text_of(report, tab_separated).encode("gb18030"),
}


def _one(kind: str, pack: Callable[[Sequence[File]], bytes], name: str, rng: random.Random) -> Source:
    report = fill(rng, blanks=kind != "txt")  # lines of text with blanks may be shifted
    files = [(f"{name}.{kind}", _INSIDE[kind](report)), ("readme.txt", _README[1])]
    return Source(pack(files), report.truth())


for _kind in _INSIDE:
    add("hand", f"zip-{_kind}", ".zip", partial(_one, _kind, zipped, "附件/年度报告"))
    add("hand", f"rar-{_kind}", ".rar", partial(_one, _kind, rarred, "report"))


def _several(rng: random.Random) -> Source:
    reports = [fill(rng), fill(rng)]
    files = [(f"{number}.docx", docx(report)) for number, report in enumerate(reports)]
    due = replace(reports[0].truth(), expect="refused", reasons=("several_inside",), cells={}, units={})
    return Source(zipped(files), due)


def _none(rng: random.Random) -> Source:
    due = replace(fill(rng).truth(), expect="refused", reasons=("no_report_inside",), cells={}, units={})
    return Source(zipped([_README, ("回执.txt", "回执：收到。".encode())]), due)


add("hand", "zip-several", ".zip", _several)
add("hand", "zip-none", ".zip", _none)
