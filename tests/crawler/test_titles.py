import pytest

from crawler import titles


@pytest.mark.parametrize(
    ("title", "year"),
    [
        ("岚溪县水务局2023年政府信息公开工作年度报告", 2023),
        ("2022年岚溪市政府信息公开工作年度报告", 2022),
        ("岚溪县人民政府办公室\n2023年政府信息公开工作年度报告", 2023),
        ("县政府办2022年度政府信息公开工作年度报告", 2022),
        ("岚溪县卫生健康局2025年政府信息公开年度报告", 2025),
        ("岚溪县司法局政府信息公开工作2025年度报告", 2025),
        ("自治县人民政府办公室2022政府信息公开工作年度报告", 2022),
        ("2015年环保局信息公开年报", 2015),
        ("岚溪镇2021年信息公开年度报告", 2021),
        ("东街街道2020年政府信息公开工作报告", 2020),
        ("岚溪县2020 年 政府信息公开工作年度报告（超链版）.pdf", 2020),
        ("岚溪县关于印发2019年政府信息公开工作年度报告", 2019),
        ("云溪镇政府信息公开工作年度报告", None),
    ],
)
def test_titles_of_reports_are_accepted(title: str, year: int | None) -> None:
    assert titles.accept(title)
    assert titles.year(title) == year


@pytest.mark.parametrize(
    "title",
    [
        "【文稿解读】岚溪镇2020年政府信息公开工作年度报告",
        "图解：岚溪县2023年政府信息公开工作年度报告",
        "岚溪县2019年政务公开工作总结",
        "关于做好2023年政府信息公开工作年度报告编制发布工作的通知",
        "岚溪县政府信息公开年度报告制度",
        "政府信息公开工作年度报告格式",
        "岚溪县召开政府信息公开工作年度报告编制培训会",
        "岚溪县2023年法治政府建设年度报告",
        "2023年政府网站工作年度报表",
        "岚溪县2023年部门决算",
    ],
)
def test_titles_of_anything_else_are_not(title: str) -> None:
    assert not titles.accept(title)


def test_of_two_years_the_one_nearest_to_the_phrase_counts() -> None:
    assert titles.year("2024年1月发布岚溪县2023年政府信息公开工作年度报告") == 2023


def test_what_is_about_a_report_is_told_from_other_pages() -> None:
    assert titles.is_about("关于做好2023年政府信息公开工作年度报告编制工作的通知")
    assert not titles.is_about("岚溪县2023年政府信息公开工作年度报告")
    assert not titles.is_about("岚溪县人民政府")
