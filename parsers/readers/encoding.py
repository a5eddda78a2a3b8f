"""Decoding of text: the content decides, whatever the server or the page declares."""

from __future__ import annotations

import codecs

_LONGEST_SEQUENCE = 4
_WIDE_BOMS = ((codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_LOST = "\ufffd"
# Characters of nearly every Chinese page of an authority: a wrong decoding has next to none of them.
_USUAL = frozenset("的年月日公开政府信息工作报告情况申请行政机关数量处理网站人民市县局")


def decode(payload: bytes) -> tuple[str, str]:
    """Return (text, encoding name).

    UTF-8 if the bytes are valid UTF-8 (a character cut off at the very end is forgiven),
    else gb18030, which covers everything declared as gb2312 or gbk. Where neither is
    clean, whichever gives more of the usual characters wins, lost ones becoming U+FFFD;
    lines that are clean in the other encoding, as included by a portal's templates, are
    read in that one.
    """
    for bom, encoding in _WIDE_BOMS:
        if payload.startswith(bom):
            return payload[len(bom) :].decode(encoding, "replace"), encoding
    # What follows the mark decides: templates in UTF-8 are put before pages in gb18030.
    payload = payload.removeprefix(codecs.BOM_UTF8)
    try:
        return payload.decode("utf-8"), "utf-8"
    except UnicodeDecodeError as error:
        if len(payload) - error.start < _LONGEST_SEQUENCE and error.reason == "unexpected end of data":
            return payload[: error.start].decode("utf-8"), "utf-8"
    as_utf8 = payload.decode("utf-8", "replace")
    as_gb18030 = payload.decode("gb18030", "replace")
    if _LOST not in as_gb18030 and _usual(as_gb18030) > _usual(as_utf8):
        return as_gb18030, "gb18030"
    if _prefers_utf8(as_utf8, as_gb18030):
        return _by_line(payload, "utf-8", "gb18030"), "utf-8"
    return _by_line(payload, "gb18030", "utf-8"), "gb18030"


def _prefers_utf8(as_utf8: str, as_gb18030: str) -> bool:
    usual_utf8, usual_gb18030 = _usual(as_utf8), _usual(as_gb18030)
    if usual_utf8 != usual_gb18030:
        return usual_utf8 > usual_gb18030
    return as_utf8.count(_LOST) < as_gb18030.count(_LOST)


def _usual(text: str) -> int:
    return sum(text.count(character) for character in _USUAL)


def _by_line(payload: bytes, encoding: str, other: str) -> str:
    """Decode line by line, each in ``other`` only where that alone is clean and gives usual characters."""
    lines = []
    # Neither encoding has a line feed within a character.
    for line in payload.split(b"\n"):
        text = line.decode(encoding, "replace")
        # Hardly any other bytes are valid UTF-8, while nearly all pairs are some character of gb18030.
        if _LOST in text or (other == "utf-8" and not line.isascii()):
            alternative = line.decode(other, "replace")
            if _LOST not in alternative and _usual(alternative) > _usual(text):
                text = alternative
        lines.append(text)
    return "\n".join(lines)
