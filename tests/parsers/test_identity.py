"""Whose report, of which year, for what area: the traps that titles and texts set."""

from __future__ import annotations

import pytest

from parsers.extract import Origin, Refusal, extract
from parsers.report import Report
from parsers.titles import read_title
from tests.parsers.printed_forms import page, zero_figures

HERE = "https://www.mingchuan.gov.cn/lyj/zfxxgknb/202501/t20250120_1.html"
NAMELESS = "政府信息公开工作年度报告"
FIGURES = zero_figures("2021")


def made(title: str, text: str = "", signature: str = "", publisher: str = "", published: str = "") -> bytes:
    made = page(title, FIGURES, published=published).decode()
    if publisher:
        made = made.replace("</head>", f'<meta name="ContentSource" content="{publisher}"></head>')
    made = made.replace("<p>一、总体情况</p>", f"<p>一、总体情况</p><p>{text}</p>" if text else "<p>一、总体情况</p>")
    return made.replace("<p>无。</p>", f"<p>无。</p>{signature}").encode()


def read(payload: bytes, **origin: str) -> Report | Refusal:
    return extract(payload, Origin(**{"url": HERE, **origin}))


def identity(payload: bytes, **origin: str) -> tuple[str, int] | str:
    outcome = read(payload, **origin)
    return (outcome.organ, outcome.year) if isinstance(outcome, Report) else outcome.reason


@pytest.mark.parametrize(
    ("title", "organ", "year"),
    [
        # years
        ("二〇二三年度明川市林业局政府信息公开工作年度报告", "明川市林业局", 2023),
        ("明川市林业局二○一九年政府信息公开年报", "明川市林业局", 2019),
        ("明川市林业局二零二零年政府信息公开年报", "明川市林业局", 2020),
        ("明川市林业局24年政府信息公开工作年度报告", "明川市林业局", None),
        ("明川市林业局202年政府信息公开工作年度报告", "明川市林业局", None),
        ("明川市林业局20224年政府信息公开工作年度报告", "明川市林业局", None),
        ("明川市林业局2O24年政府信息公开工作年度报告", "明川市林业局", None),
        ("明川市林业局2022—2023年度政府信息公开工作年度报告", "明川市林业局", None),
        ("明川市林业局2022年和2023年政府信息公开工作年度报告", "明川市林业局", None),
        ("明川市林业局（2023年度）政府信息公开工作年度报告", "明川市林业局", 2023),
        ("明川市林业局政府信息公开工作年度报告（2023年）", "明川市林业局", 2023),
        ("明川市林业局政府信息公开工作年度报告（2023年度）", "明川市林业局", 2023),
        ("明川市林业局政府信息公开2023年工作年度报告", "明川市林业局", 2023),
        ("明川市林业局2023年度政府信息公开工作年度报告（2024年1月）", "明川市林业局", 2023),
        ("自治区人民政府办公厅2022政府信息公开工作年度报告", "自治区人民政府办公厅", 2022),
        ("县政府办2022年度政府信息公开工作年度报告", "县政府办", 2022),
        ("2024年青禾县柳溪镇人民政府信息公开工作年度报告", "青禾县柳溪镇人民政府", 2024),
        # organs
        ("明川市人民政府关于2023年政府信息公开工作年度报告", "明川市人民政府", 2023),
        ("明川市林业局关于2023年度政府信息公开工作情况的报告", "明川市林业局", 2023),
        ("明川市林业局关于公布2023年政府信息公开工作年度报告", "明川市林业局", 2023),
        ("标题：明川市林业局2023年政府信息公开工作年度报告", "明川市林业局", 2023),
        ("名 称：明川市林业局2023年政府信息公开工作年度报告", "明川市林业局", 2023),
        ("明川市林业局（绿化委员会办公室）2023年政府信息公开工作年度报告", "明川市林业局(绿化委员会办公室)", 2023),
        ("明川市教育局、明川市体育局2023年政府信息公开工作年度报告", None, 2023),
        ("明川市青少年活动中心2023年政府信息公开工作年度报告", "明川市青少年活动中心", 2023),
        ("明川市老年大学2023年信息公开年度报告", "明川市老年大学", 2023),
    ],
)
def test_titles(title: str, organ: str | None, year: int | None) -> None:
    found = read_title(title)
    assert found is not None
    assert (found.organ, found.year) == (organ, year)


PERIOD = "本报告所列数据的统计期限自{0}年1月1日起，至{0}年12月31日止。"


@pytest.mark.parametrize(
    ("title", "text", "link", "year"),
    [
        # the title decides, whatever is left over in the text
        ("明川市林业局2024年", PERIOD.format(2023), None, 2024),
        ("明川市林业局2024年", "2022年，我局公开信息。2022年，我局办理申请。", None, 2024),
        # a title without a year
        ("明川市林业局", PERIOD.format(2023), None, 2023),
        ("明川市林业局", PERIOD.format(2023) + "2022年，2022年，2022年，2022年。", None, 2023),
        ("明川市林业局", "2023年，我局主动公开信息。2023年，我局办理申请。", None, 2023),
        # in doubt none
        ("明川市林业局", "2023年，我局主动公开信息。按照2022年的要求，2022年印发。", None, None),
        ("明川市林业局", "2023年、2023年，按照2022年的要求，2022年印发，2021年。", None, None),
        ("明川市林业局", "自202311日起，至20231231日止。", None, None),
        ("明川市林业局24年", "我局主动公开信息。", None, None),
        ("明川市林业局24年", PERIOD.format(2024), None, 2024),
        # the document's heading was left from last year, and everything else says so
        ("明川市林业局2022年", PERIOD.format(2023), "明川市林业局2023年政府信息公开工作年度报告", None),
        ("明川市林业局2023年", PERIOD.format(2023), "明川市林业局2022年政府信息公开工作年度报告", 2023),
        ("明川市林业局2023年", "", "明川市林业局2022年政府信息公开工作年度报告", 2023),
    ],
)
def test_years(title: str, text: str, link: str | None, year: int | None) -> None:
    more = {"title": link} if link else {}
    found = identity(made(title + NAMELESS, text), **more)
    assert found == (("明川市林业局", year) if year else "year_unknown")


def test_a_period_of_another_year_is_said() -> None:
    outcome = read(made("明川市林业局2024年" + NAMELESS, PERIOD.format(2023)))
    assert isinstance(outcome, Report)
    [doubt] = [problem for problem in outcome.problems if problem.rule == "identity.period_differs"]
    assert (doubt.severity, doubt.cause, doubt.expected, doubt.actual) == ("warning", "source", "2024", "2023")
    for text in (PERIOD.format(2024), "", PERIOD.format(2024) + PERIOD.format(2023)):
        outcome = read(made("明川市林业局2024年" + NAMELESS, text))
        assert isinstance(outcome, Report)
        assert outcome.problems == []


@pytest.mark.parametrize("published", ["2012-03-31", "2023-02-01"])
def test_a_year_that_prose_alone_tells_cannot_follow_the_publication(published: str) -> None:
    payload = made("明川市林业局" + NAMELESS, "2024年，我局主动公开信息。2024年，我局办理申请。", published=published)
    assert identity(payload) == "year_unknown"
    later = made("明川市林业局" + NAMELESS, "2024年，我局主动公开信息。2024年，我局办理申请。", published="2026-05-01")
    assert identity(later) == ("明川市林业局", 2024)


def test_dates_of_uploading_mean_nothing() -> None:
    for published, url in (("2025-03-07", "202503/t20250307_1.html"), ("2012-04-01", "2016n/201204/t1.html")):
        payload = made("明川市林业局2010年" + NAMELESS, published=published)
        assert identity(payload, url=f"https://www.mingchuan.gov.cn/{url}") == ("明川市林业局", 2010)


@pytest.mark.parametrize(
    ("publisher", "text", "signature", "organ"),
    [
        # who uploaded it is not who wrote it
        ("明川市政务服务管理局", "我街道主动公开信息，本街道办理申请。", "", None),
        ("明川市政务服务管理局", "主动公开信息。", "", None),
        ("明川市政务服务管理局", "我街道公开信息。", "<p>东街街道办事处</p><p>2024年1月10日</p>", "东街街道办事处"),
        # but the text may bear it out
        ("明川市林业局", "我局主动公开信息。", "", "明川市林业局"),
        ("明川市林业局", "明川市林业局主动公开信息。", "", "明川市林业局"),
        ("柳溪镇人民政府", "我镇主动公开信息。", "", "柳溪镇人民政府"),
        ("明川市林业局", "我局主动公开信息，服务我市林业。", "", "明川市林业局"),
        ("青禾县人民政府办公室", "我办主动公开信息。", "", "青禾县人民政府办公室"),
        ("东街街道办事处", "本街道主动公开信息。", "", "东街街道办事处"),
        ("明川市卫生健康委员会", "我委主动公开信息。", "", "明川市卫生健康委员会"),
        ("青禾县人民政府", "我县主动公开信息。", "", "青禾县人民政府"),
        ("青禾县人民政府", "我局主动公开信息。", "", None),
        ("明川日报", "我局主动公开信息。", "", None),
        ("新华社", "新华社报道，我局主动公开信息。", "", None),
    ],
)
def test_the_uploader_is_the_organ_only_where_the_text_bears_it_out(
    publisher: str, text: str, signature: str, organ: str | None
) -> None:
    found = identity(made("2023年" + NAMELESS, text, signature, publisher))
    assert found == ((organ, 2023) if organ else "organ_unknown")


@pytest.mark.parametrize(
    ("name", "text", "scope"),
    [
        ("青禾县人民政府办公室", "本报告由青禾县人民政府办公室综合各乡（镇）、县政府各组成部门年度报告编制。", "area"),
        ("青禾县人民政府办公室", "本报告汇总了全县各级行政机关的数据。", "area"),
        ("青禾县人民政府办公室", "我办督促各乡镇、各部门按时公开，汇总全县各单位年度报告并指导发布。", "office"),
        ("青禾县人民政府办公室", "政务公开包括全县各部门的栏目建设。", "office"),
        ("青禾县人民政府办公室", "我办主动公开信息。", "office"),
        ("青禾县", "本报告由青禾县人民政府办公室编制。", "area"),
        ("青禾县人民政府", "我县主动公开信息。", "area"),
        ("明川高新技术产业开发区管理委员会", "我区主动公开信息。", "area"),
        ("柳溪街道办事处", "我街道主动公开信息。", "area"),
        ("青禾县林业局", "本报告包括各乡镇林业站数据。", "office"),
    ],
)
def test_scope(name: str, text: str, scope: str) -> None:
    outcome = read(made(f"{name}2023年{NAMELESS}", text))
    assert isinstance(outcome, Report), outcome
    assert outcome.scope == scope


def test_other_names_in_the_document_tell_where_the_organ_is() -> None:
    signed = "<p>青禾县林业局</p><p>2024年1月10日</p>"
    outcome = read(made(f"林业局2023年{NAMELESS}", "我局主动公开信息。", signed, "青禾县融媒体中心"))
    assert isinstance(outcome, Report)
    assert (outcome.organ, outcome.named) == ("林业局", ["青禾县林业局", "青禾县融媒体中心"])
    payload = made(f"林业局2023年{NAMELESS}").decode().replace("</title>", "_青禾县人民政府门户网站</title>")
    outcome = read(payload.encode())
    assert isinstance(outcome, Report)
    assert "青禾县人民政府" in outcome.named


def test_which_of_several_divisions_of_one_name_the_text_says() -> None:
    for text, named in (
        ("长春市朝阳区民政局主动公开信息。", ["长春市朝阳区"]),
        ("吉林省长春市朝阳区信息公开，北京市朝阳区来学习。", []),
        ("朝阳区信息公开。", []),
    ):
        outcome = read(made(f"朝阳区民政局2023年{NAMELESS}", text))
        assert isinstance(outcome, Report)
        assert outcome.named == named
