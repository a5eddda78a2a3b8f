"""Decoding of text: the content decides, whatever the server or the page declares."""

from __future__ import annotations

import codecs

_LONGEST_SEQUENCE = 4
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


def decode(payload: bytes) -> tuple[str, str]:
    """Return (text, encoding name).

    UTF-8 if the bytes are valid UTF-8 (a character cut off at the very end is forgiven),
    else gb18030, which covers everything declared as gb2312 or gbk. Where neither is
    clean, whichever loses fewer characters wins, lost ones becoming U+FFFD.
    """
    for bom, encoding in _BOMS:
        if payload.startswith(bom):
            return payload[len(bom) :].decode(encoding, "replace"), encoding
    try:
        return payload.decode("utf-8"), "utf-8"
    except UnicodeDecodeError as error:
        if len(payload) - error.start < _LONGEST_SEQUENCE and error.reason == "unexpected end of data":
            return payload[: error.start].decode("utf-8"), "utf-8"
    as_utf8 = payload.decode("utf-8", "replace")
    as_gb18030 = payload.decode("gb18030", "replace")
    if as_utf8.count("\ufffd") < as_gb18030.count("\ufffd") or (
        # A few broken bytes in UTF-8 still pair up as Han characters in gb18030.
        as_utf8.count("\ufffd") * 200 < sum(character > "\x7f" for character in as_utf8)
    ):
        return as_utf8, "utf-8"
    return as_gb18030, "gb18030"
