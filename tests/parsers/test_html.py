"""HTML: what a reader of the page sees, and nothing that is hidden from them."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from parsers import forms
from parsers.document import UnreadableDocumentError
from parsers.readers.grid import MAX_SPAN
from parsers.readers.html import read_html
from parsers.tables import read_tables
from tests.parsers.printed_forms import all_rows, review_rows, to_html, zero_figures
from tests.parsers.test_tables import assert_all_read, distinct, figures


def read(body: str, head: str = "") -> list[str]:
    return [p.text for p in read_html(f"<html><head>{head}</head><body>{body}</body></html>".encode()).paragraphs]


def table_texts(body: str) -> list[list[tuple[str, int, int]]]:
    document = read_html(f"<html><body>{body}</body></html>".encode())
    return [[(c.text, c.row, c.column) for c in table.cells] for table in document.tables]


def sections(body: str) -> str:
    """A body that stands among the section headings of a report."""
    return "".join(f"<p>{numeral}、{forms.SECTIONS[n].zh}</p>{body}" for n, numeral in enumerate("一二三四五六", 1))


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(figures())
def test_printed_forms_come_back(form: tuple) -> None:  # type: ignore[type-arg]
    two, three, truth = form
    page = "<html><body>" + "".join(to_html(rows) for rows in all_rows(truth, two, three)) + "</body></html>"
    assert_all_read(read_tables(read_html(page.encode())), truth)


@pytest.mark.parametrize(
    "hidden",
    [
        '<p style="display:none">甲3</p>',
        '<p style="color:red; DISPLAY : NONE">甲3</p>',
        '<div style="visibility:hidden"><p>甲3</p></div>',
        "<p hidden>甲3</p>",
        "<script>var a='甲3'</script>",
        "<style>.甲3{}</style>",
        "<!-- 甲3 -->",
        "<noscript>甲3</noscript>",
        "<template><p>甲3</p></template>",
        "<select><option>甲3</option></select>",
        "<textarea>甲3</textarea>",
    ],
)
def test_hidden_elements(hidden: str) -> None:
    assert read(f"<p>前</p>{hidden}<p>后</p>") == ["前", "后"]
    [cells] = table_texts(f"<table><tr><td>规章{hidden}</td><td>0{hidden}</td></tr></table>")
    assert [text for text, _row, _column in cells] == ["规章", "0"]


def test_hidden_rows_and_cells() -> None:
    [cells] = table_texts(
        "<table><tr style='display:none'><td>甲</td><td>1</td></tr>"
        "<tr><td>规章</td><td hidden>9</td><td>0</td></tr></table>"
    )
    assert [text for text, _row, _column in cells] == ["规章", "0"]


@pytest.mark.parametrize(
    "cell",
    [
        "35<sup>1</sup>",
        "35<sup><a href='#n'>[1]</a></sup>",
        "<p>35<sup><span>2</span></sup></p>",
        "<sup>1</sup>35",
        "35<br>1",
        "<p>35</p><p>1</p>",
        "<div>3</div><div>51</div>",
    ],
)
def test_marks_and_lines_are_never_glued_to_a_figure(cell: str) -> None:
    page = to_html(review_rows(zero_figures("2021", "@@")["reviews"])).replace("@@", cell, 1).replace("@@", "0")
    reading = read_tables(read_html(f"<html><body>{page}</body></html>".encode())).reviews["reconsideration"]["upheld"]
    assert (reading.kind, reading.number) == ("unreadable", None)


@pytest.mark.parametrize("cell", ["<b>3</b>5", "<span>3</span><span>5</span>", "<p><font>35</font>\n</p>", "&nbsp;35"])
def test_inline_markup_does_not_cut_a_figure(cell: str) -> None:
    page = to_html(review_rows(zero_figures("2021", "@@")["reviews"])).replace("@@", cell, 1).replace("@@", "0")
    reading = read_tables(read_html(f"<html><body>{page}</body></html>".encode())).reviews["reconsideration"]["upheld"]
    assert reading.number == 35


def test_layout_tables_are_walked_not_read() -> None:
    truth = distinct("2021")
    inner = "".join(to_html(rows) for rows in all_rows(truth, "2021", "2021"))
    body = f"<table><tr><td><p>导航</p></td><td><p>一、总体情况</p><p>正文。</p>{inner}</td></tr></table>"
    document = read_html(f"<html><body>{body}</body></html>".encode())
    assert len(document.tables) == 3
    assert_all_read(read_tables(document), truth)
    assert "正文。" in document.text


def test_one_cell_around_the_whole_report_is_layout() -> None:
    assert read("<table><tr><td><p>一、总体情况</p><p>正文。</p></td></tr></table>") == ["一、总体情况", "正文。"]


def test_spans_are_clamped() -> None:
    [cells] = table_texts("<table><tr><td colspan='99999999'>甲</td><td>乙</td></tr></table>")
    assert cells == [("甲", 0, 0), ("乙", 0, MAX_SPAN)]
    [cells] = table_texts("<table><tr><td rowspan='99999'>甲</td><td>乙</td></tr><tr><td>丙</td></tr></table>")
    assert cells == [("甲", 0, 0), ("乙", 0, 1), ("丙", 1, 1)]
    [cells] = table_texts("<table><tr><td colspan='-3' rowspan='x'>甲</td><td colspan='2.5'>乙</td></tr></table>")
    assert cells == [("甲", 0, 0), ("乙", 0, 1)]


def test_a_span_bomb_is_refused() -> None:
    row = "<tr>" + "<td colspan='1000' rowspan='1000'>0</td>" * 20 + "</tr>"
    with pytest.raises(UnreadableDocumentError) as caught:
        read_html(f"<html><body><table>{row * 50}</table></body></html>".encode())
    assert caught.value.reason == "too_big"


def test_deep_nesting_is_survived() -> None:
    read("<div>" * 5000 + "<p>一</p>" + "</div>" * 5000)
    read("<table><tr><td>" * 800 + "1" + "</td></tr></table>" * 800)


def test_line_breaks_make_lines() -> None:
    assert read("<p><br />四、政府信息公开行政复议、行政诉讼情况<br>无。</p>") == [
        "四、政府信息公开行政复议、行政诉讼情况",
        "无。",
    ]


def test_inline_elements_are_one_line_and_blocks_are_not() -> None:
    assert read("<div><span>总体</span><b>情况</b></div><div>甲<p>乙</p>丙</div>") == ["总体情况", "甲", "乙", "丙"]


def test_navigation_around_the_report_is_left_out() -> None:
    page = (
        f"<div id='nav'><p>首页</p><p>新闻3条</p></div><div class='c'>{sections('<p>正文。</p>')}</div><div>底部</div>"
    )
    lines = read(page)
    assert "新闻3条" not in lines
    assert "底部" not in lines
    assert lines.count("正文。") == 6


def test_what_follows_the_article_is_left_out() -> None:
    page = sections("<p>正文。</p>") + "<p>【打印】【关闭】</p><p>相关阅读：2023年报告</p>"
    lines = read(f"<div>{page}</div>")
    assert lines[-1] == "正文。"


def test_head_states_title_date_and_publisher() -> None:
    head = (
        "<title>年报-明川市人民政府</title><meta name='ArticleTitle' content='明川市林业局2024年年报'>"
        "<meta name='PubDate' content='2025-01-20 10:11'><meta name='ContentSource' content='明川市林业局'>"
    )
    document = read_html(f"<html><head>{head}</head><body><p>正文</p></body></html>".encode())
    assert document.title_candidates == ["明川市林业局2024年年报", "年报-明川市人民政府"]
    assert document.metadata == {"published_on": "2025-01-20", "publisher": "明川市林业局"}


@pytest.mark.parametrize(
    ("body", "date"),
    [
        ("<p>发布日期：2025-01-20</p>", "2025-01-20"),
        ("<p>时间: 2025年1月9日 来源：明川市林业局</p>", "2025-01-09"),
        ("<table><tr><td>发布日期：</td><td>2025/01/20</td></tr></table>", "2025-01-20"),
        ("<p>发布日期：2025-13-45</p>", None),
        ("<p>2024年1月1日至12月31日</p>", None),
        ("<p>自202011日起，至20201231日止</p>", None),
    ],
)
def test_date_beside_its_label(body: str, date: str | None) -> None:
    document = read_html(f"<html><body>{body}<p>正文</p></body></html>".encode())
    assert document.metadata.get("published_on") == date


@given(st.text(st.sampled_from("<>/tdrablep \"'=&;一0日"), max_size=300))
def test_any_markup_is_read_or_refused(text: str) -> None:
    try:
        outcome = read_html(f"<html><body>{text}".encode()).media_type
    except UnreadableDocumentError as error:
        outcome = error.reason
    assert outcome in ("text/html", "truncated")


def test_what_is_read_of_a_page_keeps_none_of_its_tree() -> None:
    """Strings of the tree would hold all of it in memory, and cannot be handed to another process."""
    markup = "<title>年报</title><table><tr><td>规章</td><td>12</td><td><b>3</b></td></tr></table><p>正文</p>"
    document = read_html(markup.encode())
    texts = [cell.text for table in document.tables for cell in table.cells]
    texts += [paragraph.text for paragraph in document.paragraphs]
    texts += [*document.title_candidates, *document.metadata.values()]
    assert texts
    assert {type(text) for text in texts} == {str}
