"""Titles: organ and year as they are written, and titles of what is no report."""

from __future__ import annotations

import pytest

from parsers.titles import is_organ_name, read_title, refusal_by_title


@pytest.mark.parametrize(
    ("text", "organ", "year"),
    [
        ("明川市林业局2024年政府信息公开工作年度报告", "明川市林业局", 2024),
        ("明川市林业局2024年度政府信息公开工作年度报告", "明川市林业局", 2024),
        ("2024年明川市林业局政府信息公开工作年度报告", "明川市林业局", 2024),
        ("2024年度明川市林业局政府信息公开年度报告", "明川市林业局", 2024),
        ("明川市林业局政府信息公开工作2024年度报告", "明川市林业局", 2024),
        ("明川市林业局2024年政府信息公开年报", "明川市林业局", 2024),
        ("明川市林业局2012年政务信息公开年度报告", "明川市林业局", 2012),
        ("柳溪镇2021年信息公开年度报告", "柳溪镇", 2021),
        ("柳溪镇2021年信息公开年报", "柳溪镇", 2021),
        ("2023年青禾县柳溪镇人民政府信息公开工作年度报告", "青禾县柳溪镇人民政府", 2023),
        ("青禾县人民政府2023年政府信息公开工作年度报告", "青禾县人民政府", 2023),
        ("青禾县人民政府办公室2023年政府信息公开工作年度报告", "青禾县人民政府办公室", 2023),
        ("青禾县2023年政府信息公开工作年度报告", "青禾县", 2023),
        ("明川市公安局青禾分局2023年政府信息公开工作年度报告", "明川市公安局青禾分局", 2023),
        ("2024 年 明川市林业局政府信息公开工作 年度报告", "明川市林业局", 2024),
        ("２０２４年明川市林业局政府信息公开工作年度报告", "明川市林业局", 2024),
        ("明川市林业局2024年政府信息公开工作年度报告.pdf", "明川市林业局", 2024),
        ("明川市林业局2024年政府信息公开工作年度报告-明川市人民政府", "明川市林业局", 2024),
        ("明川市人民政府门户网站 明川市林业局 | 明川市林业局2024年政府信息公开工作年度报告", "明川市林业局", 2024),
        ("《明川市林业局2024年政府信息公开工作年度报告》", "明川市林业局", 2024),
        ("明川市林业局2024年政府信息公开工作年度报告（含附表）", "明川市林业局", 2024),
        ("柳溪街道办事处政府信息公开工作年度报告", "柳溪街道办事处", None),
        ("2024年政府信息公开工作年度报告", None, 2024),
        ("政府信息公开工作年度报告", None, None),
        ("本单位2024年政府信息公开工作年度报告", None, 2024),
    ],
)
def test_titles(text: str, organ: str | None, year: int | None) -> None:
    title = read_title(text)
    assert title is not None
    assert (title.organ, title.year) == (organ, year)


@pytest.mark.parametrize(
    "text", ["", "明川市林业局", "2024年政府工作报告", "明川市2024年法治政府建设年度报告", "政府信息公开指南"]
)
def test_no_title_of_a_report(text: str) -> None:
    assert read_title(text) is None


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("【图解】明川市林业局2024年政府信息公开工作年度报告", "interpretation"),
        ("一图读懂明川市林业局2024年政府信息公开工作年度报告", "interpretation"),
        ("关于做好2024年政府信息公开工作年度报告编制工作的通知", "notice"),
        ("关于报送2024年度政府信息公开工作年度报告的通知", "notice"),
        ("明川市2024年法治政府建设年度报告", "other_report"),
        ("明川市政府信息公开工作年度报告制度", "not_report"),
        ("明川市2024年政务公开工作总结", "not_report"),
        ("政府信息公开工作年度报告格式", "not_report"),
        ("明川市林业局2024年度部门决算", "other_report"),
        ("明川市政府网站工作年度报表（2024年度）", "other_report"),
        ("明川市2024年财政预决算信息公开工作报告", "other_report"),
        ("明川水务集团国有企业信息公开2024年度报告", "other_report"),
        ("明川市林业局2024年政府信息公开工作年度报告（征求意见稿）", "not_report"),
        ("明川市林业局2024年上半年政府信息公开工作报告", "other_report"),
        ("明川市林业局2024年第一季度政府信息公开工作报告", "other_report"),
        ("明川市林业局2024年6月政府信息公开工作报告", "other_report"),
        ("明川市2024年重大建设项目信息公开年度报告", "other_report"),
        ("明川职业技术学院2024年信息公开工作年度报告", "other_report"),
        ("政府信息公开工作年度报告（参考模板）", "not_report"),
        ("长图｜明川市林业局2024年政府信息公开工作年度报告", "interpretation"),
    ],
)
def test_refused_titles(text: str, reason: str) -> None:
    refusal = refusal_by_title([text])
    assert refusal is not None
    assert refusal[0] == reason


@pytest.mark.parametrize(
    "text",
    [
        "明川市审计局2024年政府信息公开工作年度报告",
        "明川市统计局2024年政府信息公开工作年度报告",
        "明川市会议中心2024年政府信息公开工作年度报告",
        "明川市生态环境局2024年信息公开年度报告",
        "明川市国有企业管理局2012年信息公开年报",
        "明川市第一人民医院2024年政府信息公开工作年度报告",
        "明川市六月花街道2024年政府信息公开工作年度报告",
        "关于明川市林业局2024年政府信息公开工作年度报告",
        "政府信息公开工作年度报告",
    ],
)
def test_titles_of_reports_are_not_refused(text: str) -> None:
    assert refusal_by_title([text]) is None


@pytest.mark.parametrize(
    "name",
    [
        "",
        "局",
        "首页",
        "政府信息公开年报",
        "abc",
        "明川市<b>林业局",
        "明" * 41,
        "2024",
        "XX局",
        "xx市林业局",
        "X县民政局",
        "某某局",
        "○○局",
        "本街道",
    ],
)
def test_what_is_no_organ(name: str) -> None:
    assert not is_organ_name(name)
