"""Reports of the years before the form: the statistics appendix of 2014–2018, its predecessors, free prose."""

from __future__ import annotations

import html
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from benchmarks.corpus import markup
from benchmarks.corpus.dialects import Source, add
from benchmarks.corpus.reports import TITLES, draw_organ
from benchmarks.corpus.truth import Number, Truth
from benchmarks.corpus.word import Style, package, paragraph, table
from parsers.readers.grid import SpanningCell
from sample.organs import Organ
from tests.parsers.printed_forms import Rows, cut

# (label, unit, share of reports that print a figure, largest figure); units of dashes stand at heads.
_APPENDIX: tuple[tuple[str, str, int], ...] = (
    ("一、主动公开情况", "——", -1),
    ("（一）主动公开政府信息数（不同渠道和方式公开相同信息计1条）", "条", 9000),
    ("其中：主动公开规范性文件数", "条", 60),
    ("制发规范性文件总数", "件", 60),
    ("（二）通过不同渠道和方式公开政府信息的情况", "——", -1),
    ("1.政府公报公开政府信息数", "条", 200),
    ("2.政府网站公开政府信息数", "条", 8000),
    ("3.政务微博公开政府信息数", "条", 900),
    ("4.政务微信公开政府信息数", "条", 900),
    ("5.其他方式公开政府信息数", "条", 300),
    ("二、回应解读情况", "——", -1),
    ("（一）回应公众关注热点或重大舆情数（不同方式回应同一热点或舆情计1次）", "次", 40),
    ("（二）通过不同渠道和方式回应解读的情况", "——", -1),
    ("1.参加或举办新闻发布会总次数", "次", 12),
    ("其中：主要负责同志参加新闻发布会次数", "次", 5),
    ("2.政府网站在线访谈次数", "次", 8),
    ("3.政策解读稿件发布数", "篇", 90),
    ("4.微博微信回应事件数", "次", 30),
    ("三、依申请公开情况", "——", -1),
    ("（一）收到申请数", "件", 160),
    ("1.当面申请数", "件", 30),
    ("2.传真申请数", "件", 5),
    ("3.网络申请数", "件", 100),
    ("4.信函申请数", "件", 40),
    ("（二）申请办结数", "件", 160),
    ("1.按时办结数", "件", 160),
    ("2.延期办结数", "件", 6),
    ("（三）申请答复数", "件", 160),
    ("1.属于已主动公开范围数", "件", 50),
    ("2.同意公开答复数", "件", 90),
    ("4.不同意公开答复数", "件", 9),
    ("其中：涉及国家秘密", "件", 1),
    ("涉及商业秘密", "件", 2),
    ("5.不属于本行政机关公开数", "件", 30),
    ("四、行政复议数量", "件", 9),
    ("（一）维持具体行政行为数", "件", 7),
    ("（二）被依法纠错数", "件", 2),
    ("五、行政诉讼数量", "件", 6),
    ("六、举报投诉数量", "件", 3),
    ("七、依申请公开信息收取的费用", "万元", 4),
    ("八、机构建设和保障经费情况", "——", -1),
    ("（一）政府信息公开工作专门机构数", "个", 5),
    ("（三）从事政府信息公开工作人员数", "人", 40),
    ("1.专职人员数（不包括政府公报及政府网站工作人员数）", "人", 9),
    ("2.兼职人员数", "人", 31),
    ("（四）政府信息公开专项经费（不包括用于政府公报编辑管理及政府网站建设维护等方面的经费）", "万元", 60),
    ("九、政府信息公开会议和培训情况", "——", -1),
    ("（一）召开政府信息公开工作会议或专题会议数", "次", 9),
    ("（三）接受培训人员数", "人次", 400),
)
_HEADINGS = (
    "概述",
    "主动公开政府信息情况",
    "依申请公开政府信息情况",
    "收费及减免情况",
    "行政复议和诉讼情况",
    "存在的问题和改进措施",
)
_PROSE = (
    "{year}年，{organ}认真执行条例，健全机构，完善制度，主动公开政府信息，政府信息公开工作平稳有序。",
    "全年通过网站、公报和查阅点主动公开政府信息，重点公开机构职能、规划计划、财政资金和行政许可信息。",
    "全年受理的信息公开申请均在期限内答复，公众对公开工作总体满意，没有因公开引起的重大舆情。",
    "依申请公开信息没有收取费用，也没有减免费用的情况，收费依照省财政部门规定的标准执行。",
    "没有因政府信息公开申请行政复议、提起行政诉讼的情况，未收到有关政府信息公开的举报。",
    "公开的信息与公众需求还有差距，公开的形式还不够丰富，将完善目录、加强培训、加快公开平台建设。",
)


@dataclass(slots=True)
class OlderReport:
    """A free-form report with the rows of its appendix: label, unit, this year's figure as printed."""

    organ: Organ
    year: int
    title: str
    rows: list[tuple[str, str, str]]

    def truth(self, *, figures: bool = True, expect: str = "exact") -> Truth:
        """What the appendix prints."""
        indicators: list[tuple[str, Number | None]] = [
            ("".join(label.split()), _number(figure)) for label, _unit, figure in self.rows
        ]
        return Truth(
            expect=expect,  # type: ignore[arg-type]
            organs=(self.organ.name,),
            year=self.year,
            indicators=indicators if figures else [],
        )


def _number(text: str) -> Number | None:
    if not text[:1].isdigit():
        return None
    return float(text) if "." in text else int(text)


def fill_older(rng: random.Random, years: Sequence[int] = range(2014, 2019)) -> OlderReport:
    """Draw a report of one of the ``years`` with a filled-in appendix."""
    organ = draw_organ(rng, rng.choice(("small", "busy", "district", "city")))
    year = rng.choice(years)
    small = organ.scale in ("small", "busy")
    blank = rng.choice(("0", "0", "", "/"))
    rows = []
    for label, unit, most in _APPENDIX:
        if most < 0:
            rows.append((label, unit, rng.choice(("——", "", "—"))))
        elif rng.random() < (0.6 if small else 0.15):
            rows.append((label, unit, blank))
        elif unit == "万元":
            rows.append((label, unit, f"{rng.uniform(0.1, most):.2f}"))
        else:
            rows.append((label, unit, str(rng.randint(1, max(1, most // (10 if small else 1))))))
    return OlderReport(organ, year, rng.choice(TITLES).format(organ=organ.name, year=year), rows)


Columns = Callable[[OlderReport, random.Random], Rows]


def _cells(*texts: str) -> list[SpanningCell]:
    return [SpanningCell(text) for text in texts]


_HEADS = (("统计指标", "单位", "统计数"), ("指标名称", "计量单位", "数量"), ("统计指标", "单位", "统计数据"))


def one_column(report: OlderReport, rng: random.Random) -> Rows:
    """The appendix of 2014: label, unit, figure."""
    heads = rng.choice(
        (("统计指标", "单位", "统计数"), ("指标名称", "计量单位", "数量"), ("统计指标", "单位", "统计数据"))
    )
    return [_cells(*heads), *(_cells(*row) for row in report.rows)]


def titled(report: OlderReport, rng: random.Random) -> Rows:
    """With its title and who filled it in as rows of their own."""
    above = [f"政府信息公开情况统计表（{report.year}年度）", f"填报单位（盖章）：{report.organ.name}"]
    below = "单位负责人：　　审核人：　　填报人：　　联系电话：　　填报日期："
    rows = one_column(report, rng)
    return [*([SpanningCell(text, 1, 3)] for text in above), *rows, [SpanningCell(below, 1, 3)]]


def two_columns(report: OlderReport, rng: random.Random) -> Rows:
    """The tables before: this year's figure beside another one."""
    this, other = rng.choice(
        (
            ("本年度", "历年累计"),
            (f"{report.year}年", f"{report.year - 1}年"),
            ("本期实际", "本年累计"),
            ("统计数", "上年数"),
        )
    )
    first = rng.random() < 0.6
    heads = ("指标名称", "计量单位", *((this, other) if first else (other, this)))
    rows = [_cells(*heads)]
    for label, unit, figure in report.rows:
        another = str(rng.randint(0, 9000)) if figure[:1].isdigit() else figure
        rows.append(_cells(label, unit, *((figure, another) if first else (another, figure))))
    return rows


def undecided(report: OlderReport, rng: random.Random) -> Rows:
    """Two columns of figures whose heads do not tell which is this year's."""
    rows = [_cells("统计指标", "单位", "区直单位", "乡镇街道")]
    for label, unit, figure in report.rows:
        rows.append(_cells(label, unit, figure, figure))
    return rows


def numbered(report: OlderReport, rng: random.Random) -> Rows:
    """With a column that numbers the lines."""
    rows = [_cells("序号", "统计指标", "单位", "统计数")]
    return rows + [_cells(str(number), *row) for number, row in enumerate(report.rows, 1)]


def _body(report: OlderReport, tables: str) -> str:
    parts = [f"<h1>{html.escape(report.title)}</h1>"]
    for numeral, heading, prose in zip("一二三四五六", _HEADINGS, _PROSE, strict=True):
        text = prose.format(year=report.year, organ=report.organ.name)
        parts.append(f"<p>{numeral}、{heading}</p><p>{text}</p><p>{text}</p>")
    return "".join(parts) + (f"<p>附件：政府信息公开情况统计表</p>{tables}" if tables else "")


def _page(report: OlderReport, tables: str, css: str = "") -> bytes:
    body = _body(report, tables)
    style = (
        f"<style>body {{ font-family: 'Noto Serif CJK SC', serif; }} {css} table {{ border-collapse: collapse; }}"
        " td { border: 0.75pt solid black; }</style>"
    )
    head = f'<!DOCTYPE html><html><head><meta charset="utf-8"><title>{html.escape(report.title)}</title>{style}</head>'
    return f"{head}<body>{body}</body></html>".encode()


def _in_page(columns: Columns, figures: bool, css: str, rng: random.Random) -> Source:
    report = fill_older(rng)
    tables = markup.table_html(columns(report, rng), markup.Habit())
    truth = report.truth(expect="exact" if figures else "right_or_null")
    if not figures:
        truth.indicators = [(label, None) for label, _value in truth.indicators]
    return Source(_page(report, tables, css), truth)


def _cut_table(rng: random.Random) -> Source:
    report = fill_older(rng)
    rows = one_column(report, rng)
    parts = cut(rows, rng.randint(8, len(rows) - 8))
    tables = "<p>— 7 —</p>".join(markup.table_html(part, markup.Habit()) for part in parts)
    return Source(_page(report, tables), report.truth())


def _free_form(rng: random.Random) -> Source:
    report = fill_older(rng, range(2009, 2019))
    return Source(_page(report, ""), report.truth(figures=False))


def _in_word(columns: Columns, rng: random.Random) -> Source:
    report = fill_older(rng)
    style = Style()
    parts = [paragraph(report.title, style, centred=True)]
    for numeral, heading, prose in zip("一二三四五六", _HEADINGS, _PROSE, strict=True):
        text = prose.format(year=report.year, organ=report.organ.name)
        parts += [paragraph(f"{numeral}、{heading}", style), paragraph(text * 2, style)]
    parts += [paragraph("附件", style), table(columns(report, rng), style, 1), paragraph("", style)]
    return Source(package("".join(parts), style), report.truth())


_COLUMNS: dict[str, Columns] = {
    "one-column": one_column,
    "titled": titled,
    "two-columns": two_columns,
    "numbered": numbered,
}
for _name, _columns in _COLUMNS.items():
    add("hand", f"older-html-{_name}", ".html", partial(_in_page, _columns, True, ""))
    add("hand", f"older-docx-{_name}", ".docx", partial(_in_word, _columns))
    add("libreoffice", f"older-pdf-{_name}", ".pdf", partial(_in_word, _columns))
    add("chromium", f"older-pdf-{_name}", ".pdf", partial(_in_page, _columns, True, "@page { margin: 20mm; }"))
add("hand", "older-html-undecided", ".html", partial(_in_page, undecided, False, ""))
add("hand", "older-html-cut", ".html", _cut_table)
add("hand", "older-free-form", ".html", _free_form)
add("chromium", "older-free-form", ".pdf", _free_form)
add("libreoffice", "older-to-doc", ".doc", partial(_in_word, one_column))
