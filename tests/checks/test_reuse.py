"""Text that a report shares with others."""

from __future__ import annotations

import random

import pytest

from checks import reuse
from checks.passages import Passage, names_of, names_pattern, passages, printed
from tests.checks.neighbours import known

PLAIN = names_pattern(())
FIRST = (
    "公开栏目更新不够及时，部分科室对公开范围把握不准，政策解读形式较为单一，"
    "下一步将建立按月巡查制度，组织两次业务培训，增加图解和视频解读。"
)
SECOND = (
    "受理渠道宣传不足，个别申请答复格式不规范，信息员岗位变动频繁，"
    "今后将编印答复文书样本，实行岗位交接清单，每季度通报办理质量。"
)


def clauses(text: str, section: int = 5) -> list[Passage]:
    return passages([(section, text)], PLAIN)


def test_figures_and_names_do_not_count() -> None:
    names = names_pattern(names_of("明川市青砚区林业局", (None, "明川市", "青砚区")))
    one = passages([(1, "2023年，青砚区林业局共主动公开信息１２３条")], names)
    other = passages([(1, "2024年，我局共主动公开信息1,045条；")], names_pattern(("云溪县民政局",)))
    assert one[0].masked == "□共主动公开信息0条"
    assert "共主动公开信息" in other[0].masked


@pytest.mark.parametrize("name", ["明川市青砚区林业局", "青砚区林业局", "林业局", "区林业局", "本局", "我局"])
def test_all_that_an_organ_calls_itself_is_one(name: str) -> None:
    names = names_pattern(names_of("明川市青砚区林业局", (None, "明川市", "青砚区")))
    assert passages([(1, f"{name}认真落实公开工作要求")], names)[0].masked == "□认真落实公开工作要求"


def test_enumerators_do_not_count_and_short_clauses_are_left_out() -> None:
    found = clauses("一是健全公开工作责任机制，（二）健全公开工作责任机制，无。")
    assert {one.masked for one in found} == {"健全公开工作责任机制"}


def test_printed_clauses_are_numbered_as_masked_ones() -> None:
    text = "（一）第一句：ＡＢ公开工作有关情况，短。\n第二段公开工作有关情况；完"
    parts = printed(text)
    assert "".join(parts) == text
    for one in clauses(text):
        assert "公开工作有关情况" in parts[one.clause]


def test_the_same_text_is_repeated_whole_wherever_it_stands() -> None:
    moved = "，".join(reversed(FIRST.strip("。").split("，")))
    shared = reuse.overlap(clauses(FIRST), clauses(SECOND + moved, 1), set())
    assert shared.share == 1.0
    assert (shared.section, shared.other_section) == (5, 1)
    assert shared.reaches(reuse.OTHERS)


def test_different_text_is_not_repeated() -> None:
    shared = reuse.overlap(clauses(FIRST), clauses(SECOND), set())
    assert shared.repeated == 0


def test_clauses_edited_in_a_word_are_repeated_in_part() -> None:
    edited = FIRST.replace("不够", "还不").replace("较为", "比较").replace("两次", "三次").replace("把握", "掌握")
    shared = reuse.overlap(clauses(FIRST), clauses(edited), set())
    assert 0.5 < shared.share < 1
    assert shared.reaches(reuse.OTHERS)


def test_common_phrases_are_set_aside() -> None:
    common = {one.hash for one in clauses(FIRST)}
    shared = reuse.overlap(clauses(FIRST + SECOND), clauses(FIRST), common)
    assert shared.repeated == 0
    assert shared.counted == sum(len(one.masked) for one in clauses(SECOND))


def test_what_was_the_organs_own_counts_but_is_not_taken_from_others() -> None:
    own = {one.hash for one in clauses(FIRST)}
    shared = reuse.overlap(clauses(FIRST + SECOND), clauses(FIRST + SECOND), set(), own)
    assert shared.repeated == sum(len(one.masked) for one in clauses(SECOND))
    assert shared.share < 1


def test_little_text_is_not_worth_a_word() -> None:
    short = "公开栏目更新不够及时有效"
    assert not reuse.overlap(clauses(short), clauses(short), set()).reaches(reuse.OTHERS)
    common = {one.hash for one in clauses(SECOND * 6)}
    assert not reuse.overlap(clauses(FIRST + SECOND * 6), clauses(FIRST), common).reaches(reuse.OTHERS)


def test_an_empty_section_repeats_nothing() -> None:
    assert reuse.overlap([], clauses(FIRST), set()).share == 0
    assert reuse.overlap(clauses(FIRST), [], set()).repeated == 0


def test_a_finding_shows_share_passages_and_who_was_first() -> None:
    shared = reuse.overlap(clauses(FIRST), clauses(FIRST), set())
    report = known(2023, published_on="2024-01-20")
    for day, year, severity, words in (
        ("2024-01-10", 2023, "warning", "在先"),
        ("2024-01-30", 2023, "note", "在后"),
        (None, 2023, "warning", "不能断定"),
        ("2024-01-30", 2022, "warning", "在先"),
    ):
        other = known(year, published_on=day, organ="云溪县民政局")
        found = reuse.from_other_organ(report, other, shared, FIRST, reuse.LEAST_ORGANS)
        few = reuse.from_other_organ(report, other, shared, FIRST, reuse.LEAST_ORGANS - 1)
        assert few.severity == "note"
        assert (found.severity, found.other_report_id) == (severity, other.report_id)
        assert words in found.message
        assert "100%" in found.message
        assert "公开栏目更新不够及时" in (found.evidence or "")


def test_a_government_and_its_general_office_are_one_house() -> None:
    assert reuse.one_house("云溪县人民政府办公室", "云溪县人民政府")
    assert reuse.one_house("云溪省人民政府", "云溪省人民政府办公厅")
    assert not reuse.one_house("云溪县人民政府", "云溪县人民政府")
    assert not reuse.one_house("云溪县人民政府研究室", "云溪县人民政府")


def test_last_years_text_is_a_note_and_needs_more_of_it() -> None:
    once, twice = (reuse.overlap(clauses(text), clauses(text), set()) for text in (FIRST, FIRST + SECOND))
    assert once.reaches(reuse.OTHERS)
    assert not once.reaches(reuse.OWN)
    assert twice.reaches(reuse.OWN)
    found = reuse.from_last_year(known(2024), known(2023), twice, FIRST + SECOND)
    assert (found.severity, found.other_report_id) == ("note", "o-2023")
    assert "2023年报告" in found.message


def test_the_share_is_between_nothing_and_all() -> None:
    rng = random.Random(7)
    characters = "公开信息工作申请办理答复制度机制"
    for _ in range(200):
        texts = ["，".join("".join(rng.choices(characters, k=rng.randint(2, 14))) for _ in range(9)) for _ in range(2)]
        shared = reuse.overlap(clauses(texts[0]), clauses(texts[1]), {one.hash for one in clauses(texts[1])[:2]})
        assert 0 <= shared.repeated <= shared.counted <= shared.characters
