"""Rules on the text by itself: what fires, what is sound, and what is not judged."""

from __future__ import annotations

from dataclasses import replace

import pytest

from checks import run
from checks.prose import MOST_FINDINGS
from parsers.report import Finding, Report, Section
from tests.checks.prose_reports import findings, report_with


class TestStaleYear:
    @pytest.mark.parametrize(
        "text",
        [
            "按照有关规定（国办函〔2020〕109号），2022年本机关依申请公开政府信息未收费。",
            "2023年，我局政府信息公开工作虽然取得一定成绩，但仍有不足。",
            "2023年度，明川市林业局主动公开政府信息128条。",
            "2023年全年收到政府信息公开申请5件。",
            "2025年，我局通过门户网站公开信息30条。",
            "现公布明川市林业局2023年政府信息公开工作年度报告如下。",
            "截至2023年12月31日，我局共主动公开信息85条。",
            "本机关2023年度未收取政府信息公开信息处理费。",
            "明川市林业局2023年收到政府信息公开申请5件。",
            "回顾2023年，我局信息公开工作取得一定成绩。",
            "2023年，全局政府信息公开工作稳步推进。",
            "在2023年的政府信息公开工作中，我局做到及时准确。",
            "（三）政府信息管理情况 2022年，明川市林业局办公室共制定规范性文件0件。",
        ],
    )
    def test_fires(self, text: str) -> None:
        [finding] = findings(report_with(text), "text.stale_year")
        assert (finding.severity, finding.cause, finding.expected) == ("warning", "source", "2024")
        assert finding.actual in ("2022", "2023", "2025")
        assert finding.evidence in text
        assert finding.cells == ("sections.1",)

    @pytest.mark.parametrize(
        "text",
        [
            "2024年，我局主动公开政府信息128条，较2023年增长8%。",
            "2025年，我局将继续加强政府信息公开工作。",
            "2023年收到申请31件，2024年收到申请22件。",
            "2023年收到申请31件，今年有所下降。",
            "含2023年结转的3件申请，共办结申请21件。",
            "2019年以来，我局累计公开信息2000余条。",
            "及时公开2023年度部门决算信息和2024年度部门预算信息。",
            "按照《明川市2023年政务公开工作要点》（明政办发〔2023〕12号）公开信息。",
            "按时公开《明川市林业局2023年政府信息公开工作年度报告》。",
            "2021年9月，国务院办公厅印发新的格式，我局认真执行公开要求。",
            "在2023年度政务公开考核中，我局被评为优秀。",
            "2021—2025年，全市公开五年规划执行情况。",
            "2023年底前完成公开目录修订。",
        ],
    )
    def test_sound_mentions(self, text: str) -> None:
        assert findings(report_with(text), "text.stale_year") == []

    def test_plan_for_the_reports_own_year(self) -> None:
        text = "针对存在的问题，2024年我局将进一步加强政府信息公开工作。"
        [finding] = findings(report_with(text, section=5), "text.stale_year")
        assert (finding.expected, finding.actual, finding.evidence) == ("2025", "2024", text)
        assert findings(report_with(text), "text.stale_year") == []
        for sound in ("2025年，我局将进一步加强政府信息公开工作。", "2024年，我局将政府信息公开工作纳入年度考核。"):
            assert findings(report_with(sound, section=5), "text.stale_year") == []

    def test_preamble_that_announces_another_years_report(self) -> None:
        report = report_with("")
        report.preamble = "根据条例规定，现公布明川市林业局2023年政府信息公开工作年度报告。"
        [finding] = findings(report, "text.stale_year")
        assert finding.cells == ()
        assert finding.actual == "2023"
        report.preamble = "根据条例规定，编制《柳溪镇2023年政府信息公开工作年度报告》。"
        assert [f.actual for f in findings(report, "text.stale_year")] == ["2023"]
        report.preamble = "根据条例规定，现公布明川市林业局2024年政府信息公开工作年度报告。"
        assert findings(report, "text.stale_year") == []

    def test_without_prose(self) -> None:
        assert findings(Report("明川市林业局", 2024, "x"), "text.stale_year") == []


class TestSupersededBasis:
    def test_form_of_2019(self) -> None:
        text = "根据国办公开办函〔2019〕60号要求编制本报告。"
        [finding] = findings(report_with(text), "text.superseded_basis")
        assert finding.actual == "国办公开办函〔2019〕60号"
        assert finding.evidence == text.replace("，", ",")
        assert findings(report_with(text, year=2020), "text.superseded_basis") == []

    def test_old_regulations(self) -> None:
        text = "根据《中华人民共和国政府信息公开条例》（国务院令第492号）编制。"
        assert len(findings(report_with(text), "text.superseded_basis")) == 1
        assert findings(report_with(text, year=2018), "text.superseded_basis") == []

    @pytest.mark.parametrize(
        "text",
        [
            "根据国办公开办函〔2021〕30号要求编制本报告，国办公开办函〔2019〕60号同时停止执行。",
            "根据《中华人民共和国政府信息公开条例》（国务院令第711号）编制。",
            "按照明政办发〔2019〕60号部署公开工作。",
        ],
    )
    def test_sound_citations(self, text: str) -> None:
        assert findings(report_with(text), "text.superseded_basis") == []

    def test_in_the_preamble(self) -> None:
        report = report_with("")
        report.preamble = "按照国办公开办函[2019]60号文件，编制本报告。"
        [finding] = findings(report, "text.superseded_basis")
        assert finding.cells == ()


class TestTemplate:
    @pytest.mark.parametrize(
        ("text", "remnant"),
        [
            ("全年公开信息23条（请根据实际情况填写）。", "(请根据实际情况填写)"),
            ("通过门户网站（具体网址）公开。", "(具体网址)"),
            ("XX局按要求公开。", "XX"),
            ("联系电话××××××。", "××××××"),
            ("主动公开政府信息条，其中部门概况类信息条，重点领域信息条。", None),
            ("该部分以表格形式报告。", "该部分以表格形式报告"),
            ("某某局召开会议。", "某某局"),
            ("全年公开信息X条。", "X"),
            ("收到申请（）件。", "()"),
            ("网址：www.xxx.gov.cn。", "www.xxx."),
            ("（如无此项可删除）", "(如无此项可删除)"),
            ("（注：本部分字数不超过1000字）", "(注:本部分字数不超过1000字)"),
        ],
    )
    def test_fires(self, text: str, remnant: str | None) -> None:
        [finding] = findings(report_with(text), "text.template")
        assert remnant is None or finding.actual == remnant
        assert finding.evidence in text

    @pytest.mark.parametrize(
        "text",
        [
            "邮箱xxgk@mingchuan.gov.cn，网址http://www.mc.gov.cn/xxgk/。",
            "实行24×7小时值班，信息逐条审核，每条信息落实三审三校。",
            "依申请公开件均按期答复，共发布信息300余条。",
            "公开信息若干条，答复率100%（含结转）。",
            "按照条例第二十条，公开信息条目清楚。",
        ],
    )
    def test_sound_text(self, text: str) -> None:
        assert findings(report_with(text), "text.template") == []


class TestImpossibleDate:
    @pytest.mark.parametrize(
        ("text", "date"),
        [
            ("于2024年13月5日召开会议。", "2024年13月5日"),
            ("截至2月30日。", "2月30日"),
            ("自2020年1月1日起至202020年12月31日止。", "202020年12月31日"),
            ("2023年2月29日印发。", "2023年2月29日"),
            ("6月31日前完成。", "6月31日"),
            ("14月份开展检查。", "14月份"),
        ],
    )
    def test_fires(self, text: str, date: str) -> None:
        [finding] = findings(report_with(text), "text.impossible_date")
        assert finding.actual == date
        assert date in (finding.evidence or "")

    @pytest.mark.parametrize(
        "text",
        [
            "2024年2月29日印发。",
            "12月31日止。",
            "历时18个月完成。",
            "自202011日起至20201231日止。",
            "每月5日前报送。",
            "24月龄。",
        ],
    )
    def test_sound_dates(self, text: str) -> None:
        assert findings(report_with(text), "text.impossible_date") == []


class TestSectionEmpty:
    @pytest.mark.parametrize("text", ["", "无", "无。", "暂无", "/", "没有其他事项。"])
    @pytest.mark.parametrize("section", [5, 6])
    def test_fires(self, text: str, section: int) -> None:
        [finding] = findings(report_with(text, section=section), "text.section_empty")
        assert finding.cells == (f"sections.{section}",)
        assert finding.severity == ("warning" if section == 5 else "note")

    def test_sections_with_content(self) -> None:
        assert findings(report_with(""), "text.section_empty") == []

    def test_section_not_found_is_not_judged(self) -> None:
        report = report_with("", section=6)
        report.sections = [section for section in report.sections if section.number != 6]
        assert findings(report, "text.section_empty") == []

    def test_before_the_form_and_with_pages_unread(self) -> None:
        assert findings(report_with("", section=6, year=2018), "text.section_empty") == []
        report = report_with("", section=6)
        report.problems.append(Finding("extraction.further_pages", "warning", "extraction", "x"))
        assert findings(report, "text.section_empty") == []


class TestNumbering:
    @pytest.mark.parametrize(
        ("text", "why"),
        [
            ("（一）主动公开。甲。\n（二）依申请公开。乙。\n（四）平台。丙。", "编号由“(二)”到“(四)”不连续"),
            ("（一）主动公开。甲。\n（二）依申请公开。乙。\n（二）平台。丙。", "编号由“(二)”到“(二)”重复"),
            ("（一）主动公开。甲。\n（二）依申请公开。乙。\n（一）平台。丙。", "编号由“(二)”到“(一)”重新开始"),
            ("做好三项：一是甲；二是乙；四是丙。", "编号由“二是”到“四是”不连续"),
            ("1.甲。\n2.乙。\n2.丙。", "编号由“2.”到“2.”重复"),
        ],
    )
    def test_fires(self, text: str, why: str) -> None:
        [finding] = findings(report_with(text), "text.numbering")
        assert (finding.severity, finding.actual) == ("note", why)

    @pytest.mark.parametrize(
        "text",
        [
            "（一）主动公开。一是甲；二是乙。\n（二）依申请公开。一是甲；二是乙；三是丙。",
            "存在主要问题\n（一）更新不及时。\n（二）人员更换频繁。\n改进情况\n（一）及时检查。\n（二）固定人员。",
            "（一）主动公开\n1.甲。\n2.乙。\n（二）依申请公开\n1.甲。\n2.乙。",
            "问题：一是甲；二是乙。下一步：一是丙；二是丁；三是戊。",
            "坚持统一是前提。二是不能少。",
        ],
    )
    def test_sound_numbering(self, text: str) -> None:
        assert findings(report_with(text), "text.numbering") == []

    def test_headings_shifted(self) -> None:
        report = report_with("")
        report.sections[1] = replace(report.sections[1], heading="三、主动公开政府信息情况")
        [finding] = findings(report, "text.numbering")
        assert finding.cells == ("sections.2",)
        assert finding.actual == "部分编号由“一、”到“三、”不连续"

    def test_headings_shifted_as_a_whole(self) -> None:
        report = report_with("")
        report.sections = [
            replace(section, heading=f"{'二三四五六七'[index]}{section.heading[1:]}")
            for index, section in enumerate(report.sections)
        ]
        [finding] = findings(report, "text.numbering")
        assert finding.actual == "各部分编号整体错位：第1部分印作“二、”"

    def test_headings_without_ordinals_are_not_judged(self) -> None:
        report = report_with("")
        report.sections = [replace(section, heading=section.heading[2:]) for section in report.sections]
        assert findings(report, "text.numbering") == []


class TestOtherOrgan:
    @pytest.mark.parametrize(
        ("organ", "text"),
        [
            ("沙坪县柳溪镇人民政府", "我局将加强公开工作。"),
            ("沙坪县柳溪镇人民政府", "在上级公安机关的正确领导下，工作取得进展。"),
            ("沙坪县柳溪镇人民政府", "围绕市场监管工作，公开信息12条。"),
            ("沙坪县柳溪镇人民政府", "我街道开展宣传。"),
            ("明川市林业局", "我镇主动公开信息12条。"),
            ("明川市林业局", "成立领导小组，由水利局局长任副组长。"),
            ("明川市林业局", "促进民政机关依法行政。"),
            ("明川市林业局", "领导小组组长由水利局局长担任。"),
            ("明川市东望区气象局", "《明川市东望区人民政府办公室2024年政府信息公开工作年度报告》现予发布。"),
            ("明川市东望区人民政府", "本局认真落实条例。"),
            ("明川市林业局", "2024年，市审计局认真贯彻落实条例，主动公开信息。"),
            ("沙坪县柳溪镇人民政府", "2024年，青石镇高度重视政府信息公开工作。"),
            ("沙坪县柳溪镇人民政府", "半山乡未收到政府信息公开申请。"),
            ("明川市东望区气象局", "现发布《明川市东望区人民政府办公室2024年政府信息公开工作年度报告》。"),
            ("明川市东望区人民政府", "现发布《明川市东望区财政局2024年政府信息公开工作年度报告》。"),
            ("明川市气象局", "现发布《明川市东望区人民政府办公室2024年政府信息公开工作年度报告》。"),
        ],
    )
    def test_fires(self, organ: str, text: str) -> None:
        [finding] = findings(report_with(text, organ=organ), "text.other_organ")
        assert (finding.severity, finding.expected) == ("warning", organ)
        assert finding.evidence in text

    @pytest.mark.parametrize(
        ("organ", "text"),
        [
            ("明川市林业局", "会同市水利局、财政局开展检查，邀请司法局局长授课。"),
            ("明川市林业局", "我局围绕林业中心工作，本局网站公开信息。"),
            ("明川市林业局", "完善本局域网建设，指导乡镇公开。"),
            ("明川市公安局城关分局", "在上级公安机关的正确领导下开展工作。"),
            (
                "沙坪县柳溪镇人民政府",
                "我镇围绕民政工作、农业农村工作公开信息，现发布《柳溪镇2024年政府信息公开工作年度报告》。",
            ),
            ("明川市自然资源和规划局", "做好林业工作，推动生态环境工作落实。"),
            ("明川市东望区人民政府", "由区水利局局长任副组长，公安机关公开信息12条。"),
            ("明川市东望区人民政府办公室", "现发布《东望区2024年政府信息公开工作年度报告》。"),
            ("明川市东望区北岸街道办事处", "现公布《北岸街道2024年政府信息公开工作年度报告》。"),
            ("明川市林业局", "现公布《市林业局2024年政府信息公开工作年度报告》。"),
            ("明川市教育局", "我市我区我县学校公开信息。"),
            ("明川市人力资源和社会保障局", "2024年，市人社局认真贯彻落实条例，各乡镇严格按照要求公开。"),
            ("沙坪县柳溪镇人民政府", "2024年，柳溪镇高度重视政府信息公开工作，全镇各部门严格落实。"),
            ("沙坪县半山乡人民政府", "今年以来我乡未收到政府信息公开申请。"),
            ("明川市林业局", "2024年，区委区政府高度重视，市林业局坚持以公开为常态。"),
        ],
    )
    def test_sound_text(self, organ: str, text: str) -> None:
        assert findings(report_with(text, organ=organ), "text.other_organ") == []

    def test_nothing_is_said_of_an_organ_of_no_known_kind(self) -> None:
        assert findings(report_with("我局公开信息。", organ="明川"), "text.other_organ") == []


@pytest.mark.parametrize("problem", ["extraction.ocr", "extraction.unreadable_text", "extraction.converted"])
def test_text_read_in_doubt_is_never_laid_at_the_sources_door(problem: str) -> None:
    report = report_with("2023年，我局主动公开政府信息128条。于2024年13月1日完成。XX局收到政府信息公开申请24件。")
    report.problems.append(Finding(problem, "note", "extraction", "x"))
    found = [f for f in run(report) if f.rule.startswith(("text.", "prose."))]
    assert {f.rule for f in found} >= {"text.stale_year", "text.impossible_date", "text.template", "prose.requests_new"}
    assert {f.cause for f in found} == {"unknown"}


def test_text_without_sections_is_silent() -> None:
    report = report_with("")
    report.sections = [Section(1, "", "")]
    assert findings(report) == []


@pytest.mark.parametrize(
    "text",
    [
        "".join(f"收到政府信息公开申请{number}件。" for number in range(100, 1000)),
        "".join(f"2024年{month}月{month}日，公开信息XX{month}条。" for month in range(13, 99)),
        "《" * 100_000,
        "一是二是四是" * 20_000,
        "（一）\n（三）\n" * 5_000,
    ],
)
def test_text_made_to_yield_findings_yields_a_bounded_number(text: str) -> None:
    found = findings(report_with(text))
    assert len(found) <= 3 * MOST_FINDINGS
    assert all(len(finding.evidence or "") < 600 and len(finding.message) < 400 for finding in found)
