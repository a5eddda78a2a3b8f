import pytest

from publish import text_differences
from publish.text_differences import Part, compare_texts


def _joined(parts: tuple[Part, ...]) -> str:
    return "".join(part.text for part in parts)


def _changed(parts: tuple[Part, ...]) -> list[str]:
    return [part.text for part in parts if part.changed]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("", ""),
        ("", "信访。"),
        ("一、总体情况。\n二、收到申请12件。", "一、总体情况。\n二、收到申请15件。"),
        ("全不相同的一句。", "Nothing alike"),
        ("a。b。c。", "c。b。a。"),
        ("。；！？\n\n。", "\n。。"),
    ],
)
def test_nothing_is_lost_or_added(first: str, second: str) -> None:
    found = compare_texts(first, second)
    assert _joined(found.first) == first.strip()
    assert _joined(found.second) == second.strip()
    assert found.same == (first.strip() == second.strip())


def test_a_number_is_marked_whole() -> None:
    found = compare_texts("全年收到申请112件，全部办结。", "全年收到申请115件，全部办结。")
    assert _changed(found.first) == ["112"]
    assert _changed(found.second) == ["115"]


def test_a_sentence_that_only_one_has_is_marked_whole() -> None:
    found = compare_texts("甲说明了情况。丙也说明了。", "甲说明了情况。乙补充了意见。丙也说明了。")
    assert _changed(found.first) == []
    assert _changed(found.second) == ["乙补充了意见。"]


def test_sentences_that_share_little_are_not_marked_word_by_word() -> None:
    found = compare_texts("开头。加强队伍的培训和考核。", "开头。平台已经改版，请群众放心。")
    assert _changed(found.first) == ["加强队伍的培训和考核。"]
    assert _changed(found.second) == ["平台已经改版，请群众放心。"]


def test_a_single_word_between_changes_does_not_break_them() -> None:
    found = compare_texts("我们共公开信息甲乙的丙丁条目录。", "我们共公开信息戊己的庚辛条目录。")
    assert _changed(found.first) == ["甲乙的丙丁"]


@pytest.mark.parametrize("limit", ["MAX_PRODUCT", "MAX_CHARACTERS"])
def test_texts_too_long_to_compare_are_shown_unmarked(monkeypatch: pytest.MonkeyPatch, limit: str) -> None:
    monkeypatch.setattr(text_differences, limit, 3)
    found = compare_texts("甲。乙。", "丙。丁。")
    assert not found.compared
    assert not found.same
    assert _changed(found.first) == []


def test_a_sentence_too_long_for_words_is_marked_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text_differences, "MAX_PRODUCT", 3)
    found = compare_texts("收到申请甲件", "收到申请乙件")
    assert _changed(found.first) == ["收到申请甲件"]
