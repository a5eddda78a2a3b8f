"""Encodings: the bytes decide, whatever is declared."""

from __future__ import annotations

import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsers.readers.encoding import decode
from parsers.readers.html import read_html

TEXT = "明川市林业局二〇二四年政府信息公开工作年度报告，䶮镇、㙟村、𠮷里等地依申请公开３件。"


@pytest.mark.parametrize("declared", ["gb2312", "utf-8", None])
@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_content_beats_declaration(encoding: str, declared: str | None) -> None:
    meta = f'<meta charset="{declared}">' if declared else ""
    page = f"<html><head>{meta}<title>{TEXT}</title></head><body><p>{TEXT}</p></body></html>"
    document = read_html(page.encode(encoding))
    assert document.text == TEXT
    assert document.title_candidates == [TEXT]


@pytest.mark.parametrize(
    ("bom", "encoding"),
    [(codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be")],
)
def test_byte_order_mark(bom: bytes, encoding: str) -> None:
    assert decode(bom + TEXT.encode(encoding)) == (TEXT, encoding)


@pytest.mark.parametrize("cut", [1, 2])
def test_character_cut_off_at_the_end(cut: int) -> None:
    text, encoding = decode((TEXT * 5 + "局").encode()[:-cut])
    assert (text, encoding) == (TEXT * 5, "utf-8")


def test_a_few_broken_bytes_in_utf8_do_not_turn_the_page_into_gb18030() -> None:
    payload = bytearray((TEXT * 40).encode())
    payload[100:101] = b"\xff"
    text, encoding = decode(bytes(payload))
    assert encoding == "utf-8"
    assert text.endswith(TEXT)


@given(st.text(st.characters(codec="utf-8", exclude_characters="\ufeff"), max_size=50))
def test_utf8_comes_back(text: str) -> None:
    payload = text.encode()
    if not payload.startswith((b"\xff\xfe", b"\xfe\xff")):
        assert decode(payload)[0] == text


@given(st.text(st.sampled_from("政府信息公开工作年度报告䶮㙟，。0123"), min_size=20, max_size=200))
def test_gb18030_comes_back(text: str) -> None:
    assert decode(("明川市林业局" + text).encode("gb18030"))[0] == "明川市林业局" + text


@given(st.binary(max_size=300))
def test_any_bytes_can_be_decoded(payload: bytes) -> None:
    text, _encoding = decode(payload)
    assert len(text) <= len(payload)
