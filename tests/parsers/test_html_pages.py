"""Pages as portals serve them: what is hidden, where the report is, when it was published, what is refused."""

from __future__ import annotations

import base64
import codecs
import html
import json
from urllib.parse import quote

import pytest

from parsers import forms
from parsers.extract import Origin, Refusal, extract
from parsers.readers.encoding import decode
from parsers.readers.html import read_html
from parsers.readers.visible import hidden_names
from parsers.report import Report
from tests.parsers import printed_forms
from tests.parsers.html_dialects import ORGAN, TITLE, whole_page
from tests.parsers.printed_forms import all_rows, to_html
from tests.parsers.test_tables import distinct

SENTENCE = "本机关依照条例主动公开政府信息，办理公开申请，回应社会关切。"


def headings_and(prose: str = SENTENCE, last: str = "无。") -> str:
    parts = [
        f"<p>{numeral}、{forms.SECTIONS[number].zh}</p><p>{prose}</p>" for number, numeral in enumerate("一二三四五", 1)
    ]
    return "".join(parts) + f"<p>六、{forms.SECTIONS[6].zh}</p><p>{last}</p>"


def read(body: str, head: str = "") -> list[str]:
    return [p.text for p in read_html(f"<html><head>{head}</head><body>{body}</body></html>".encode()).paragraphs]


def cells(body: str) -> list[list[str]]:
    document = read_html(f"<html><body>{body}</body></html>".encode())
    return [[cell.text for cell in table.cells] for table in document.tables]


def outcome(body: str, head: str = "", url: str | None = None) -> Report | Refusal:
    return extract(f"<html><head>{head}</head><body>{body}</body></html>".encode(), Origin(url=url))


# What shows ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "hidden",
    [
        "<b style='font-size:0'>3</b>",
        "<b style='font-size: 0.0pt !important'>3</b>",
        "<b style='font-size:0px'><i>3</i></b>",
        "<b style='opacity:0'>3</b>",
        "<b style='color:transparent'>3</b>",
        "<b style='mso-hide:all'>3</b>",
        "<b style='visibility:collapse'>3</b>",
        "<b class='off'>3</b>",
        "<b id='gone'>3</b>",
        "<input type='hidden' value='3'>",
        "<![CDATA[3]]>",
        "<ruby><rt>3</rt></ruby>",
    ],
)
def test_text_that_does_not_show(hidden: str) -> None:
    style = "<style>.off, #gone { display : none }</style>"
    document = read_html(
        f"<html><head>{style}</head><body><table><tr><td>规章</td><td>5{hidden}</td></tr></table></body></html>".encode()
    )
    assert [cell.text for cell in document.tables[0].cells] == ["规章", "5"]


@pytest.mark.parametrize(
    "shown",
    [
        "<b style='font-size:0'><i style='font-size:12px'>3</i></b>",
        "<b style='visibility:hidden'><i style='visibility:visible'>3</i></b>",
        "<b style='opacity:0.9'>3</b>",
        "<b style='background-color:transparent'>3</b>",
        "<b class='tab'>3</b>",
        "<b class='printed'>3</b>",
        "<b class='off' style='display:inline'>3</b>",
        "<input value='3'>",
    ],
)
def test_text_that_shows_after_all(shown: str) -> None:
    style = (
        "<style>.tab{display:none} .tab.on{display:block} @media print { .printed { display: none } }"
        " .off{display:none}</style>"
    )
    document = read_html(
        f"<html><head>{style}</head><body><table><tr><td>规章</td><td>{shown}</td></tr></table></body></html>".encode()
    )
    assert [cell.text for cell in document.tables[0].cells] == ["规章", "3"]


def test_names_that_a_style_sheet_hides() -> None:
    css = "/* .a{display:none} */ .b, p.c {display:none} .d .e{display:none} @media x{.f{display:none}} .g{color:red}"
    assert hidden_names(css) == {".b", ".c"}
    assert hidden_names(".a{display:none}" + "{" * 50 + "@media" * 50) == {".a"}


@pytest.mark.parametrize(
    "cell",
    [
        "<del>3</del>5",
        "<span style='text-decoration: line-through'>3</span>5",
        "3<sub>5</sub>",
        "3<span style='vertical-align:super;font-size:8pt'>5</span>",
        "<bdo dir='rtl'>35</bdo>",
        "\u202e35\u202c",
        "3<img src='5.png'>",
        "<img src='35.png' width='30'>",
        "3 5",
        "3&nbsp;512",
        "3#PAGE_BREAK#5",
        "0,351",
        "3<span style='color: #FFFFFF'>5</span>",
        "3<font color=white>5</font>",
        "3<span style='font-size:1px'>5</span>",
        "3<span style='position:absolute;left:-9999px'>5</span>",
        "<span style='text-indent:-999em'>3</span>5",
        "3<i style='clip:rect(0,0,0,0);position:absolute'>5</i>",
        "3<i style='display:inline-block;width:0;overflow:hidden'>5</i>",
    ],
)
def test_what_may_be_another_figure_is_unreadable(cell: str) -> None:
    figures = printed_forms.zero_figures("2021", "@@")
    page = to_html(printed_forms.review_rows(figures["reviews"])).replace("@@", cell, 1).replace("@@", "0")
    report = outcome(f"<h1>{TITLE}</h1>{headings_and()}{page}")
    assert isinstance(report, Report)
    reading = report.reviews["reconsideration"]["upheld"]
    assert (reading.kind, reading.number) == ("unreadable", None)
    assert "extraction.unreadable_cell" in {problem.rule for problem in report.problems}


def test_a_spacer_picture_is_no_figure() -> None:
    assert cells("<table><tr><td>规章<img src=x.gif width=1 height=1></td><td>0</td></tr></table>") == [["规章", "0"]]


def test_vertical_labels_make_no_essay() -> None:
    label = "".join(f"<p>{character}</p>" for character in "三、本年度办理结果")
    assert cells(f"<table><tr><td>{label}</td><td>0</td></tr></table>") == [["三 、 本 年 度 办 理 结 果", "0"]]


def test_cells_and_rows_outside_their_elements() -> None:
    assert cells("<table><td>甲</td><td>1</td><tr><td>乙</td><td>2</td></table>") == [["甲", "1", "乙", "2"]]
    assert cells("<table><form><tr><td>甲</td><td>1</td></tr></form></table>") == [["甲", "1"]]
    foot = "<table><tfoot><tr><td>总计</td><td>3</td></tr></tfoot><tr><td>甲</td><td>1</td></tr></table>"
    assert cells(foot) == [["甲", "1", "总计", "3"]]


def test_spans_end_with_their_row_group() -> None:
    body = (
        "<table><tbody><tr><td rowspan=9>甲</td><td>1</td></tr></tbody>"
        "<tbody><tr><td>乙</td><td>2</td></tr></tbody></table>"
    )
    [table] = read_html(f"<html><body>{body}</body></html>".encode()).tables
    assert [(cell.text, cell.row, cell.column) for cell in table.cells] == [
        ("甲", 0, 0), ("1", 0, 1), ("乙", 1, 0), ("2", 1, 1)
    ]  # fmt: skip


def test_a_nul_does_not_end_the_page() -> None:
    assert read("<p>前\x00</p><p>后</p>") == ["前", "后"]


# Where the report is ------------------------------------------------------------------------


def test_a_table_of_contents_is_no_section() -> None:
    contents = "".join(f"<li><a href='#{n}'>{forms.SECTIONS[n].zh}</a></li>" for n in forms.SECTIONS)
    for page in (f"<ul>{contents}</ul>{headings_and()}", f"{headings_and()}<ul>{contents}</ul>"):
        report = outcome(f"<h1>{TITLE}</h1>{page}")
        assert isinstance(report, Report)
        assert report.sections[0].text == SENTENCE
        assert report.sections[5].text == "无。"


def test_the_signature_stays_after_a_list_of_files() -> None:
    tail = (
        f"<p>附件：<a href='a.docx'>表格.docx</a></p><p>{ORGAN}</p><p>2025年1月15日</p><p>相关链接</p><p>解读材料</p>"
    )
    report = outcome(f"<h1>{TITLE}</h1>{headings_and()}{tail}")
    assert isinstance(report, Report)
    assert report.sections[5].text.split("\n") == ["无。", ORGAN, "2025年1月15日"]


def test_sentences_that_begin_like_remarks_stay() -> None:
    sentence = "相关信息已在门户网站公布，分享经验若干次。"
    report = outcome(f"<h1>{TITLE}</h1>{headings_and(last=sentence)}<p>打印 关闭</p>")
    assert isinstance(report, Report)
    assert report.sections[5].text == sentence


@pytest.mark.parametrize("holder", ["textarea", "template", "script type='text/html'"])
def test_a_report_kept_for_the_pages_scripts(holder: str) -> None:
    truth = distinct("2021")
    body = headings_and() + "".join(to_html(rows) for rows in all_rows(truth, "2021", "2021"))
    if holder == "textarea":
        body = body.replace("<", "&lt;")
    report = outcome(f"<h1>{TITLE}</h1><{holder}>{body}</{holder.split()[0]}>")
    assert isinstance(report, Report)
    assert report.requests["new"]["total"].number == int(truth["requests"]["new"]["total"])
    assert [section.number for section in report.sections] == [1, 2, 3, 4, 5, 6]


@pytest.mark.parametrize("time", ["²", "9" * 13 + "9", 10**400, 10**15], ids=["raised", "long text", "huge", "long"])
def test_a_time_of_publication_that_is_none_costs_the_date_only(time: object) -> None:
    stated = f'"{time}"' if isinstance(time, str) else str(time)
    detail = (
        '{"title":"' + TITLE + '","display_publish_time":' + stated + ',"content":"'
        + headings_and().replace("<", "\\u003C") + '"}'
    )  # fmt: skip
    report = outcome(f"<div id='app'></div><script>window._CONFIG = {{SID:'1', DETAIL: {detail}}}</script>")
    assert isinstance(report, Report)
    assert report.published_on is None


@pytest.mark.parametrize("time", ["1737334800", '"1737334800"', '"1737334800000"', "1737334800000"])
def test_the_detail_of_a_configuration_states_date_and_publisher(time: str) -> None:
    detail = (
        '{"title":"' + TITLE + '","publisher":"' + ORGAN + '","display_publish_time":' + time + ',"content":"'
        + headings_and().replace("<", "\\u003C") + '"}'
    )  # fmt: skip
    report = outcome(f"<div id='app'></div><script>window._CONFIG = {{SID:'1', DETAIL: {detail}}}</script>")
    assert isinstance(report, Report)
    assert report.published_on == "2025-01-20"
    assert report.organ == ORGAN


@pytest.mark.parametrize(("written", "read"), [("%ud83d%ude00", "😀"), ("%ud83d", "\ufffd")])
def test_characters_that_a_script_keeps_as_two_halves_are_put_together(written: str, read: str) -> None:
    body = f"<h1>{TITLE}</h1>" + headings_and() + f"<p>另有{written}事项。</p>"
    kept = "".join(
        character if character == "%" or character.isalnum() else f"%u{ord(character):04x}" for character in body
    )
    plain = kept.replace("%u003c", "%3C").replace("%u003e", "%3E")
    report = outcome(f"<script>document.write(unescape('{plain}'))</script>", f"<title>{TITLE}</title>")
    assert isinstance(report, Report)
    assert f"另有{read}事项。" in report.sections[-1].text


def test_half_a_character_in_what_a_page_keeps_of_itself_is_replaced() -> None:
    content = headings_and().replace("<", "\\u003C")
    detail = f'{{"title":"\\ud83d{TITLE}","publisher":"{ORGAN}\\ud83d","content":"{content}"}}'
    document = read_html(
        f"<html><body><script>window._CONFIG = {{SID:1, DETAIL: {detail}}}</script></body></html>".encode()
    )
    assert document.title_candidates == [f"\ufffd{TITLE}"]
    assert document.metadata["publisher"] == f"{ORGAN}\ufffd"


def test_an_attachment_whose_address_is_none_is_named_as_it_is_written() -> None:
    refused = outcome(
        f"<h1>{TITLE}</h1><p>详见附件</p><a href='http://[::1' download='年报.pdf'>附件：年报.pdf</a>", url=URL
    )
    assert isinstance(refused, Refusal)
    assert "http://[::1" in refused.detail


# What the page states -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "date"),
    [
        ("<p>成文日期：2025-01-02</p><p>发布日期：2025-01-20</p>", "2025-01-20"),
        ("<p>成文日期：2025-01-02</p>", None),
        ("<div>发布时间：</div><div>2025年01月20日 10:11</div>", "2025-01-20"),
        ("<ul><li><b>发 布 日 期</b><span>：2025-1-20</span></li></ul>", "2025-01-20"),
        (
            "<table><tr><td>生成日期</td><td>2025-01-02</td><td>公开日期</td><td>2025-01-20</td></tr></table>",
            "2025-01-20",
        ),
        ("<p>截止日期：2025-03-31</p>", None),
        ("<p>办公时间：2025-03-31</p>", None),
        ("<PUBLISHTIME>2025-01-20 08:00:00</PUBLISHTIME>", "2025-01-20"),
        ("<p>日期：[2025-01-20]</p>", "2025-01-20"),
    ],
)
def test_date_of_publication(body: str, date: str | None) -> None:
    page = f"<html><body>{body}{headings_and()}<p>发布日期：2020-01-01起施行的规定已公开。</p></body></html>"
    assert read_html(page.encode()).metadata.get("published_on") == date


@pytest.mark.parametrize(
    ("meta", "date"),
    [
        ("<meta name='PubDate' content='20250120101112'>", "2025-01-20"),
        ("<meta property='article:published_time' content='2025-01-20T08:00:00+08:00'>", "2025-01-20"),
        ("<meta name='publishdate' content='2025.01.20'>", "2025-01-20"),
        ("<meta name='PubDate' content='null'>", None),
    ],
)
def test_date_of_a_meta(meta: str, date: str | None) -> None:
    document = read_html(f"<html><head>{meta}</head><body>{headings_and()}</body></html>".encode())
    assert document.metadata.get("published_on") == date


@pytest.mark.parametrize(
    "title",
    [
        f"<h1>{ORGAN}<br>2024年政府信息公开<br>工作年度报告</h1>",
        f"<p>{ORGAN}</p><p>2024年政府信息公开工作年度报告</p>",
        f"<div>{ORGAN}2024年</div><div>政府信息公开工作年度报告</div>",
        f"<p>索引号：1</p><h2><span>{ORGAN[:3]}</span><span>{ORGAN[3:]}2024</span>年政府信息公开工作年度报告</h2>",
    ],
)
def test_a_title_over_several_lines(title: str) -> None:
    report = outcome(f"<div>首页</div><div>{title}{headings_and()}</div>", head="<title>明川市人民政府</title>")
    assert isinstance(report, Report)
    assert (report.organ, report.year) == (ORGAN, 2024)


def encoded(body: str, how: str) -> str:
    """Script or element that carries ``body`` in an encoding that scripts undo."""
    signs = "".join(f"%u{ord(c):04X}" if ord(c) > 127 else f"%{ord(c):02X}" for c in body)
    return {
        "unescape": f"<script>show(unescape('{signs}'))</script>",
        "percent": f"<script>var c = decodeURIComponent('{quote(body)}')</script>",
        "base64": f"<script>var c = Base64.decode('{base64.b64encode(body.encode()).decode()}')</script>",
        "json": f"<script type='application/json'>{json.dumps({'content': html.escape(body)})}</script>",
        "detail": f"<script>window._CONFIG = {{DETAIL: {json.dumps({'content': signs})}}}</script>",
        "data": f'<div data-content="{html.escape(body)}"></div>',
    }[how]


@pytest.mark.parametrize("how", ["unescape", "percent", "base64", "json", "detail", "data"])
def test_a_report_encoded_for_the_pages_scripts(how: str) -> None:
    truth = distinct("2021")
    body = headings_and() + "".join(to_html(rows) for rows in all_rows(truth, "2021", "2021"))
    report = outcome(f"<div id='app'></div>{encoded(body, how)}", f"<title>{TITLE}</title>")
    assert isinstance(report, Report), report
    assert report.requests["new"]["total"].number == int(truth["requests"]["new"]["total"])


# A report over several pages ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("pager", "further"),
    [
        ('<script>createPageHTML(3, 0, "t20250109_67430", "html");</script>', True),
        ("<script>createPageHTML('page_div',2,1,'content_67430','shtml',2)</script>", True),
        ("<a href='./t20250109_67430_1.html'>下一页</a>", True),
        ("<a href='./t20250109_67430_1.html'>2</a>", True),
        ('<script>createPageHTML(1, 0, "t20250109_67430", "html");</script>', False),
        ('<script>createPageHTML(9, 0, "index", "html");</script>', False),
        ("<a href='./t20250109_67431.html'>下一页</a>", False),
        ("<a href='./t20250109_67430_1.html'>明川市林业局2023年年报</a>", False),
    ],
)
def test_a_report_that_goes_on_on_other_pages_is_not_complete(pager: str, further: bool) -> None:
    page = printed_forms.page(TITLE, printed_forms.zero_figures("2021", "7")).decode()
    report = extract(page.replace("</body>", f"{pager}</body>").encode(), Origin())
    assert isinstance(report, Report)
    assert report.status == ("partial" if further else "complete")
    assert further == ("extraction.further_pages" in {problem.rule for problem in report.problems})


# What is refused ----------------------------------------------------------------------------

URL = "https://www.mingchuan.gov.cn/zfxxgknb/202501/t1.html"
MENU = "".join(f"<li><a href='/{n}'>政务公开栏目{n}</a></li>" for n in range(60))


@pytest.mark.parametrize(
    "viewer",
    [
        "<iframe src='./W0202501.pdf'></iframe>",
        "<embed src='./W0202501.pdf' type='application/pdf'>",
        "<object data='./W0202501.pdf'></object>",
        "<iframe src='/pdfjs/web/viewer.html?file=./W0202501.pdf'></iframe>",
        "<iframe src='/pdfjs/web/viewer.html?file=.%2FW0202501.pdf#page=1'></iframe>",
        "<div id='pdfshow' data-value='./W0202501.pdf'></div>",
        "<div id='x'></div><script>PDFObject.embed(\"./W0202501.pdf\", '#x')</script>",
        f"<p><a href='./W0202501.pdf'>{TITLE}</a></p>",
    ],
)
def test_a_page_that_only_shows_a_file_names_it(viewer: str) -> None:
    refused = outcome(f"<ul>{MENU}</ul><h1>{TITLE}</h1><div class='TRS_Editor'>{viewer}</div>", url=URL)
    assert isinstance(refused, Refusal)
    assert refused.reason == "attachment_only"
    assert "https://www.mingchuan.gov.cn/zfxxgknb/202501/W0202501.pdf" in refused.detail


def test_a_download_without_a_file_name_in_its_address() -> None:
    link = "<a href='/system/_content/download.jsp?wbfileid=1'>年度报告.pdf</a>"
    refused = outcome(f"<h1>{TITLE}</h1><div id='vsb_content'>{link}</div>", url=URL)
    assert isinstance(refused, Refusal)
    assert "download.jsp?wbfileid=1" in refused.detail


@pytest.mark.parametrize(
    ("body", "head", "reasons"),
    [
        (f"<ul>{MENU}</ul><h1>{TITLE}</h1><div id='zoom'></div>", f"<title>{TITLE}</title>", {"no_content"}),
        (f"<ul>{MENU}</ul><p>您访问的页面不存在或已删除</p>", f"<title>{TITLE}</title>", {"error_page", "no_content"}),
        (f"<h1>{TITLE}解读</h1>{headings_and()}", "", {"interpretation"}),
        ("<h1>关于做好2024年政府信息公开工作年度报告编制工作的通知</h1>" + f"<p>{SENTENCE * 20}</p>", "", {"notice"}),
        (
            "".join(f"<li><a href='{n}.html'>{ORGAN}{n}年政府信息公开工作年度报告</a></li>" for n in range(2010, 2025)),
            "<title>政府信息公开年报</title>",
            {"list_page", "no_content", "not_report"},
        ),
        ("<script>acw_sc__v2('x')</script>", f"<title>{TITLE}</title>", {"challenge"}),
        (f"<ul>{MENU}</ul><p>{SENTENCE * 20}</p>", "<title>明川市要闻</title>", {"not_report"}),
    ],
)
def test_what_only_looks_like_a_report(body: str, head: str, reasons: set[str]) -> None:
    refused = outcome(body, head)
    assert isinstance(refused, Refusal), refused
    assert refused.reason in reasons


def test_two_reports_on_one_page_are_no_report() -> None:
    tables = "".join(to_html(rows) for rows in all_rows(distinct("2021"), "2021", "2021"))
    other = TITLE.replace("2024", "2023").replace(ORGAN, "明川市水利局")
    body = f"<h1>{TITLE}</h1>{headings_and()}{tables}<h1>{other}</h1>{headings_and()}{tables}"
    refused = outcome(f"<div class='TRS_Editor'>{body}</div>")
    assert isinstance(refused, Refusal)
    assert refused.reason == "several_reports"


# Pages made to exhaust ------------------------------------------------------------------------


@pytest.mark.parametrize(
    "body",
    [
        "<div>" * 20_000,
        "<p>" + "<b style='font-size:0'><i>" * 20_000,
        "<table>" + "<tr><td colspan=1000000000 rowspan=1000000000>1</td></tr>" * 50 + "</table>",
        f"<p title='{'x' * 2_000_000}' style='{'a:b;' * 100_000}'>x</p>",
        "<style>" + ".a," * 90_000 + "{}" + "@media{" * 10_000 + "</style>",
        "&bomb;&amp;" * 50_000,
        "<p " + " ".join(f"a{n}=1" for n in range(20_000)) + ">x</p>",
    ],
)
def test_pages_made_to_exhaust_come_to_an_end(body: str) -> None:
    assert isinstance(outcome(body), Refusal)


def test_a_table_of_a_million_cells_is_too_big() -> None:
    refused = outcome("<table>" + ("<tr>" + "<td>1</td>" * 1000 + "</tr>") * 1000 + "</table>")
    assert isinstance(refused, Refusal)
    assert refused.reason == "too_big"


def test_cut_within_an_outer_table() -> None:
    truth = printed_forms.zero_figures("2021", "12")
    inner = to_html(printed_forms.review_rows(truth["reviews"]))
    page = f"<html><body><table><tr><td>{inner}</td></tr><tr><td>总计</td><td>12"
    refused = extract(page.encode(), Origin())
    assert isinstance(refused, Refusal)
    assert refused.reason == "truncated"


# Encodings ----------------------------------------------------------------------------------


def test_a_utf8_mark_before_a_page_in_gb18030() -> None:
    page = whole_page(f"<h1>{TITLE}</h1>{headings_and()}", charset="utf-8")
    text, encoding = decode(codecs.BOM_UTF8 + page.encode("gb18030"))
    assert (text, encoding) == (page, "gb18030")


@pytest.mark.parametrize("cut", [1, 2, 3])
@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_a_character_cut_off(encoding: str, cut: int) -> None:
    page = whole_page(f"<h1>{TITLE}</h1>{headings_and()}") + "公开"
    text, told = decode(page.encode(encoding)[:-cut])
    assert told == encoding
    assert text.startswith(page[:-2])


def test_a_template_in_another_encoding_than_its_page() -> None:
    head, body, foot = (
        "<div>明川市人民政府信息公开</div>\n",
        f"<h1>{TITLE}</h1>{headings_and()}\n" * 3,
        "<p>网站工作人员</p>\n",
    )
    for outer, inner in (("utf-8", "gb18030"), ("gb18030", "utf-8")):
        text, _told = decode(head.encode(outer) + body.encode(inner) + foot.encode(outer))
        assert text == head + body + foot
