"""Documents that look like reports and are none, and portals' answers that hold nothing."""

from __future__ import annotations

import html
import io
import random
from collections.abc import Callable
from dataclasses import replace
from functools import partial

from PIL import Image

from benchmarks.corpus import markup, word
from benchmarks.corpus.dialects import Source, add
from benchmarks.corpus.markup import Habit, page_html
from benchmarks.corpus.reports import FilledReport, draw_organ, fill
from benchmarks.corpus.texts import tab_separated, text_of
from benchmarks.corpus.truth import Truth
from benchmarks.corpus.word import Style, docx, package, paragraph
from benchmarks.corpus.workbooks import workbook_of
from parsers.report import Reading
from sample import non_reports

_GROUPS = ("website_reports", "rule_of_law_reports", "final_accounts", "rules", "among_reports")
_EMPTY = ("not_report", "no_content")
_OTHER_REASONS = (*_EMPTY, "list_page")
# Reports on something else are refused as such, whatever they report on.
_NAMES = dict.fromkeys(("website_report", "rule_of_law", "final_accounts"), ("other_report",))


def _due(*reasons: str) -> Truth:
    return Truth(expect="refused", reasons=reasons)


def _shell(title: str, body: str) -> bytes:
    head = f'<!DOCTYPE html><html><head><meta charset="utf-8"><title>{html.escape(title)}</title></head>'
    return f'{head}<body><div id="zoom"><h1>{html.escape(title)}</h1>{body}</div></body></html>'.encode()


def _page(group: str, rng: random.Random) -> Source:
    page = rng.choice(non_reports.pages("云汀市", group))
    # What matters is that no report is taken from it; a short page may be called empty as well.
    return Source(_shell(page.title, page.body), _due(*_NAMES.get(page.reason, (page.reason,)), *_OTHER_REASONS))


for _group in _GROUPS:
    add("hand", f"lookalike-{_group.replace('_', '-')}", ".html", partial(_page, _group))


def _without_figures(rng: random.Random) -> FilledReport:
    report = fill(rng)
    for rows in report.readings.values():
        for cells in rows.values():
            for column in cells:
                cells[column] = Reading("blank")
    report.text = replace(
        report.text, preamble=(), overview=("（文字描述）",), problems=("（文字描述）",), others=("（文字描述）",)
    )
    report.title = "XX单位20XX年政府信息公开工作年度报告（模板）"
    return report


def _blank_form(as_word: bool, rng: random.Random) -> Source:
    report = _without_figures(rng)
    if as_word:
        return Source(docx(report), _due("blank_form"))
    return Source(markup.plain_page(report).encode(), _due("blank_form"))


add("hand", "lookalike-blank-form", ".html", partial(_blank_form, False))
add("hand", "lookalike-blank-form-word", ".docx", partial(_blank_form, True))


def _list_page(rng: random.Random) -> Source:
    reports = [fill(rng) for _ in range(8)]
    links = "".join(
        f"<li><a href='./t{number}.html'>{html.escape(report.title)}</a><span>{markup.published(report)}</span></li>"
        for number, report in enumerate(reports)
    )
    return Source(_shell("政府信息公开年报", f"<ul>{links}</ul>"), _due("list_page", "not_report"))


add("hand", "lookalike-list", ".html", _list_page)


def _notice_in_word(rng: random.Random) -> Source:
    year = rng.randint(2021, 2024)
    style = Style()
    lines = [
        f"关于做好{year}年度政府信息公开工作年度报告编制和发布工作的通知",
        "各县（区）人民政府，市政府各部门：",
        f"为做好{year}年度政府信息公开工作年度报告编制工作，根据条例规定，现就有关事项通知如下。",
        "一、总体情况。应当包括主动公开、依申请公开、政府信息管理、平台建设、监督保障等内容。",
        "二、主动公开政府信息情况。按照表格要求填写，不得漏项，没有的填0。",
        "三、收到和处理政府信息公开申请情况。注意勾稽关系，第一项加第二项之和等于第三项加第四项之和。",
        "四、政府信息公开行政复议、行政诉讼情况。按照实际办理结果填写。",
        "五、存在的主要问题及改进情况。不少于两个问题，避免与上年雷同。",
        "六、其他需要报告的事项。没有的填写“无其他需要报告的事项”。",
        f"各单位于{year + 1}年1月31日前在门户网站公布。",
    ]
    if rng.random() < 0.7:
        lines += [f"{draw_organ(rng, 'office').name}", f"{year}年12月{rng.randint(3, 28)}日"]
    return Source(package("".join(paragraph(line, style) for line in lines), style), _due("notice"))


add("hand", "lookalike-notice-word", ".docx", _notice_in_word)
add("libreoffice", "lookalike-notice-word", ".pdf", _notice_in_word)


def _with_form_attached(rng: random.Random) -> Source:
    """A notice whose page carries the blank tables below its text."""
    report = _without_figures(rng)
    tables = "".join(markup.tables_html(report, Habit()).values())
    title = f"关于编制{report.year}年政府信息公开工作年度报告的通知"
    text = "<p>各部门：</p><p>请按照附表如实填写，于1月31日前公布。</p><p>附件：年度报告表样</p>"
    return Source(_shell(title, text + tables), _due("notice", "blank_form"))


add("hand", "lookalike-notice-with-form", ".html", _with_form_attached)


def _picture_of_interpretation(rng: random.Random) -> Source:
    report = fill(rng)
    title = f"图解：{report.title}"
    figures = "".join(
        f"<p>{name} <b>{rng.randint(1, 900)}</b> 件</p>" for name in ("主动公开", "依申请公开", "政策解读")
    )
    return Source(_shell(title, figures), _due("interpretation", "no_content"))


add("hand", "lookalike-graphic", ".html", _picture_of_interpretation)


def _challenge(rng: random.Random) -> Source:
    script = "".join(rng.choice("0123456789abcdef") for _ in range(900))
    body = f"<script>document.cookie='wzwschallenge=1';var wzwsquestion='{script}';location.reload();</script>"
    return Source(
        f"<html><head></head><body>{body}</body></html>".encode(), _due("challenge", "not_report", "no_content")
    )


add("hand", "lookalike-challenge", ".html", _challenge)


def _missing_page(rng: random.Random) -> Source:
    text = rng.choice(("您访问的页面不存在或已被删除", "404 Not Found", "抱歉，您要查看的信息不存在"))
    return Source(
        _shell(text, f"<p>{text}</p><a href='/'>返回首页</a>"), _due("error_page", "not_report", "no_content")
    )


add("hand", "lookalike-error", ".html", _missing_page)


def _scan_as_picture(form: str, rng: random.Random) -> Source:
    picture = Image.new("L", (1240, 1754), 255)
    for row in range(200, 1600, 50):
        picture.paste(0, (100, row, 1140, row + 2))
    picture.save(buffer := io.BytesIO(), form)
    return Source(buffer.getvalue(), _due("scanned", *_EMPTY))


add("hand", "lookalike-picture", ".png", partial(_scan_as_picture, "PNG"))
add("hand", "lookalike-picture-jpeg", ".jpg", partial(_scan_as_picture, "JPEG"))

Payload = Callable[[random.Random], bytes]
_BROKEN: dict[str, tuple[str, Payload, tuple[str, ...]]] = {
    "empty": (".html", lambda rng: b"  \n", ("empty",)),
    "word-cut-off": (".docx", lambda rng: docx(fill(rng))[:-400], ("truncated", "broken_docx", "broken_archive")),
    "other-bytes": (".doc", lambda rng: rng.randbytes(5000), ("unsupported_format",)),
}


def _broken(make: Payload, reasons: tuple[str, ...], rng: random.Random) -> Source:
    return Source(make(rng), _due(*reasons))


for _name, (_suffix, _payload, _reasons) in _BROKEN.items():
    add("hand", f"broken-{_name}", _suffix, partial(_broken, _payload, _reasons))


def _other_organs_name(rng: random.Random) -> Source:
    """Two titles with other organs above and below: whose it is cannot be told."""
    first, second = fill(rng), fill(rng)
    while second.organ.name == first.organ.name:
        second = fill(rng)
    bodies = (markup.body_html(report, markup.tables_html(report, Habit())) for report in (first, second))
    titles = (f"<h1>{html.escape(report.title)}</h1>" for report in (first, second))
    page = page_html(first, "".join(title + body for title, body in zip(titles, bodies, strict=True)), title="")
    return Source(page.encode(), _due("several_reports"))


add("hand", "lookalike-two-reports", ".html", _other_organs_name)


def _two(rng: random.Random) -> tuple[FilledReport, FilledReport]:
    """Two reports of different organs, or of one organ and different years."""
    first, second = fill(rng), fill(rng)
    if rng.random() < 0.5:
        second = replace(first, year=first.year + 1, title=first.title.replace(str(first.year), str(first.year + 1)))
    while second.organ.name == first.organ.name and second.year == first.year:
        second = fill(rng)
    return first, second


def _two_in_word(rng: random.Random) -> Source:
    parts = [word.body(report, Style()) for report in _two(rng)]
    page_break = '<w:p><w:r><w:br w:type="page"/></w:r></w:p>'
    return Source(package(page_break.join(parts)), _due("several_reports"))


def _two_in_text(rng: random.Random) -> Source:
    text = "\n".join(text_of(report, tab_separated) for report in _two(rng))
    return Source(text.encode(), _due("several_reports"))


def _a_sheet_each(rng: random.Random) -> Source:
    return Source(workbook_of(_two(rng)), _due("several_reports"))


add("hand", "lookalike-two-reports-word", ".docx", _two_in_word)
add("hand", "lookalike-two-reports-text", ".txt", _two_in_text)
add("hand", "lookalike-two-reports-sheets", ".xlsx", _a_sheet_each)
add("libreoffice", "lookalike-two-reports", ".pdf", _two_in_word)
