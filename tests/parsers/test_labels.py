"""Labels: exact, by alias, or by a likeness that no other label and no decoy comes near."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsers import forms
from parsers.labels import Vocabulary
from parsers.normalise import enumerator, label_key
from parsers.tables import _ITEMS, _MEASURES, _ROWS

ALL_ROWS = {code: label for code, label in forms.REQUEST_ROWS.items() if code != "other"}


@pytest.mark.parametrize("code", sorted(ALL_ROWS))
def test_every_row_by_its_printed_label(code: str) -> None:
    label = forms.REQUEST_ROWS[code]
    for wording in label.wordings:
        for text in (wording, f"{label.enumerator}{wording}", f"{label.enumerator} {wording}", "\n".join(wording)):
            match = _ROWS.match(text)
            assert match is not None, text
            assert (match.code, match.exact) == (code, True)


@pytest.mark.parametrize("table", ["ITEMS", "MEASURES", "APPLICANTS", "PROCEEDINGS", "OUTCOMES", "REQUEST_ROWS"])
def test_no_two_labels_share_a_wording(table: str) -> None:
    keys = [
        (label_key(wording), code) for code, label in getattr(forms, table).items() for wording in set(label.wordings)
    ]
    assert len({key for key, _code in keys}) == len({*keys})


@pytest.mark.parametrize(
    "text",
    [
        "（三）不予公开",
        "不予公开",
        "三、不予公开",
        "（三） 不予 公开",
        "不予公开：",
        "不于公开",
        "不公开",
        "予以不公开",
    ],
)
def test_a_refusal_never_becomes_a_grant(text: str) -> None:
    match = _ROWS.match(text)
    assert match is None or match.code not in ("granted", "partly_granted")


@pytest.mark.parametrize(
    "text",
    "（四）无法提供 （五）不予处理 （六）其他处理 （六）其它处理 申请人情况 法人或其他组织 三、本年度办理结果 "
    "其他结果 商业企业 公开 处理 申请 申请数量".split(),
)
def test_heads_are_no_rows(text: str) -> None:
    assert _ROWS.match(text) is None


@pytest.mark.parametrize(
    ("text", "code", "exact"),
    [
        ("2.其他法律行政止公开", "denied_law_prohibited", True),
        ("2、其他法律行政法规禁止公开", "denied_law_prohibited", True),
        ("其他法律行政法规禁正公开", "denied_law_prohibited", False),
        ('３．危及"三安全一稳定"', "denied_security_stability", True),
        ("（二）部分公开", "partly_granted", True),
        ("(二)部分公开(区分处理的,只计这一情\n形,不计其他情形)", "partly_granted", True),
        ("4. 无正当理由大量反复 申请", "rejected_excessive", True),
        ("2.重复申请", "rejected_duplicate", True),
        ("5.要求行政机关确认或重 新出具", "rejected_reissue", True),
    ],
)
def test_variants_of_rows(text: str, code: str, exact: bool) -> None:
    match = _ROWS.match(text)
    assert match is not None
    assert (match.code, match.exact) == (code, exact)


def test_new_and_carried_in_are_never_matched_by_likeness() -> None:
    for text in (
        "本年结转政府信息公开申请数量",
        "上年新收政府信息公开申请数量",
        "政府信息公开申请数量",
        "年政府信息公开申请数量",
    ):
        assert _ROWS.match(text) is None


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("本年制发件数", "issued"),
        ("本年废止件数", "repealed"),
        ("本年度止件数", "repealed"),
        ("本年止件数", "repealed"),
        ("现行有效件数（历史累计）", "in_force"),
        ("本年增/减", "change"),
        ("本年增/", "change"),
        ("处理决定数量", "decisions"),
    ],
)
def test_measures(text: str, code: str) -> None:
    match = _MEASURES.match(text)
    assert match is not None
    assert match.code == code


@pytest.mark.parametrize("text", ["本年新", "本年", "件数", "数量", "本年数量", "本年件数", "信息内容"])
def test_cut_measures_are_no_match(text: str) -> None:
    assert _MEASURES.match(text) is None


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("行政事业型收费", "administrative_fees"),
        ("规范性文件", "normative_documents"),
        ("行政 许可", "administrative_permits"),
    ],
)
def test_items(text: str, code: str) -> None:
    match = _ITEMS.match(text)
    assert match is not None
    assert match.code == code


@pytest.mark.parametrize("text", ["行政", "行政复议", "行政诉讼", "收费", "许可", "文件"])
def test_what_is_like_an_item_is_none(text: str) -> None:
    assert _ITEMS.match(text) is None


def test_a_figure_glued_to_a_label_is_no_label() -> None:
    for text in ("属于国家秘密5", "重复申请12", "予以公开0", "规章3"):
        assert _ROWS.match(text) is None
        assert _ITEMS.match(text) is None


def test_a_tie_is_no_match() -> None:
    words = Vocabulary(
        {
            code: forms.Label(code, zh, code, i)
            for i, (code, zh) in enumerate([("a", "甲乙丙丁戊己"), ("b", "甲乙丙丁戊庚")])
        }
    )
    assert words.match("甲乙丙丁戊辛") is None
    exact = words.match("甲乙丙丁戊庚")
    assert exact is not None
    assert exact.code == "b"


@given(st.sampled_from(sorted(ALL_ROWS)), st.data())
def test_one_lost_or_wrong_character_never_gives_another_row(code: str, data: st.DataObject) -> None:
    wording = forms.REQUEST_ROWS[code].zh
    at = data.draw(st.integers(0, len(wording) - 1))
    put = data.draw(st.sampled_from(["", "止", "公", "其", "不"]))
    text = wording[:at] + put + wording[at + 1 :]
    exact = {wording for other in ALL_ROWS.values() for wording in map(label_key, other.wordings)}
    match = _ROWS.match(text)
    if label_key(text) not in exact:
        assert match is None or match.code == code


@given(st.text(max_size=80))
def test_any_text_can_be_asked_for(text: str) -> None:
    match = _ROWS.match(text)
    assert match is None or match.code in forms.REQUEST_ROWS


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("（七）总计", "(七)"),
        ("三、本年度", "三、"),
        ("1.属于", "1."),
        ("1、属于", "1、"),
        ("总计", ""),
        ("㈠予以公开", "(一)"),
    ],
)
def test_enumerators(text: str, found: str) -> None:
    assert enumerator(text) == found
