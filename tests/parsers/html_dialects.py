"""Reports as portals' editors mark them up, from figures that the test knows.

Every choice is drawn by hypothesis, so that a failing page shrinks to the one habit that
breaks it.
"""

from __future__ import annotations

import html
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from hypothesis import strategies as st

from parsers import forms
from parsers.readers.grid import SpanningCell
from tests.parsers.printed_forms import Figures, Rows, all_rows

ORGAN = "明川市林业局"
TITLE = f"{ORGAN}2024年政府信息公开工作年度报告"
PUBLISHED = "2025-01-20"
PROSE = {
    1: [
        "本机关依照条例主动公开政府信息，办理公开申请，回应社会关切。",
        "2024年共召开专题会议若干次，解读政策文件若干件。",
    ],
    2: [],
    3: [],
    4: [],
    5: ["公开的及时性有待提高。", "下一步加强业务培训，规范办理流程。"],
    6: ["本年度未收取信息处理费。", ORGAN, "2025年1月15日"],
}
NOISE = "闲杂"
"""Stands in every line that is no part of the report."""

Draw = st.DrawFn
Inline = Callable[[str], str]


def escape(text: str) -> str:
    return html.escape(text)


# How a run of text is marked up ------------------------------------------------------------


def _word(text: str) -> str:
    return (
        '<p class="MsoNormal" style="text-align:center;mso-pagination:widow-orphan"><span style="font-size:12.0pt">'
        f'{text}<span lang="EN-US"><o:p></o:p></span></span></p>'
    )


def _spans(text: str) -> str:
    return "".join(f"<span style='mso-bidi-font-size:10.5pt'>{character}</span>" for character in text)


def _wps(text: str) -> str:
    half = len(text) // 2
    return f'<p style="line-height:20pt"><font><b>{text[:half]}</b></font><strong>{text[half:]}</strong></p>\n'


INLINES: dict[str, Inline] = {
    "plain": escape,
    "word": lambda text: _word(escape(text)),
    "spans": lambda text: "".join(f"<span style='mso-bidi-font-size:10.5pt'>{escape(c)}</span>" for c in text),
    "wps": _wps,
    "padded": lambda text: f"\n\t&nbsp;{escape(text)}&#12288;\r\n",
    "entities": lambda text: "".join(f"&#{ord(character)};" for character in text),
    "zero_width": lambda text: "\u200b".join(escape(c) for c in text) + "\ufeff",
    "hidden": lambda text: f"<!-- 7 -->{escape(text)}<span style='display: none'>9</span><i hidden>8</i>",
    "zero_size": lambda text: f"{escape(text)}<span style='font-size:0'>9</span><span style='font-size:0pt;'>8</span>",
    "styled": lambda text: f"<span class='mask'>9</span>{escape(text)}<noscript>5</noscript>",
    "one_cell_table": lambda text: f"<table><tr><td>{escape(text)}</td></tr></table>",
}
LABELS: dict[str, Inline] = {
    **INLINES,
    "a_line_each": lambda text: "<br/>".join(escape(character) for character in text),
    "a_paragraph_each": lambda text: "".join(f"<p>{escape(character)}</p>" for character in text),
    "spaced": lambda text: "&nbsp;".join(escape(character) for character in text),
    "half_width": lambda text: escape(text.translate(str.maketrans("（）、：“”", '(),:""'))),
}
BLANKS = ["", "&nbsp;", "\u3000", "<br>", '<p class="MsoNormal"><o:p>&nbsp;</o:p></p>', "<span></span>", "<!-- 3 -->"]
_WIDE = str.maketrans("0123456789", "０１２３４５６７８９")
FIGURES: dict[str, Callable[[str], str]] = {
    "plain": str,
    "wide": lambda text: text.translate(_WIDE),
    "grouped": lambda text: f"{int(text):,}",
    "with_unit": lambda text: f"{text}件",
    "unit_apart": lambda text: f"{text} 件",
}


@dataclass(frozen=True)
class Dialect:
    """The habits of one editor."""

    label: str = "plain"
    value: str = "plain"
    figure: str = "plain"
    blank: str = ""
    close_cells: bool = True
    sections: bool = True
    head_cells: bool = False


dialects = st.builds(
    Dialect,
    label=st.sampled_from(sorted(LABELS)),
    value=st.sampled_from(sorted(INLINES)),
    figure=st.sampled_from(sorted(FIGURES)),
    blank=st.sampled_from(BLANKS),
    close_cells=st.booleans(),
    sections=st.booleans(),
    head_cells=st.booleans(),
)


def cell_html(spanning: SpanningCell, dialect: Dialect, tag: str = "td") -> str:
    text = spanning.text
    if not text.strip():
        inner = dialect.blank
    elif text.isdigit():
        inner = INLINES[dialect.value](FIGURES[dialect.figure](text))
    elif len(text) == 1:
        inner = INLINES[dialect.value](text)
    else:
        inner = LABELS[dialect.label](text)
    spans = "".join(
        f" {name}={value}"
        for name, value in (("rowspan", spanning.row_span), ("colspan", spanning.column_span))
        if value != 1
    )
    return f"<{tag}{spans} width=72>{inner}" + (f"</{tag}>" if dialect.close_cells else "")


def table_html(rows: Rows, dialect: Dialect) -> str:
    lines = []
    for index, row in enumerate(rows):
        tag = "th" if dialect.head_cells and index == 0 else "td"
        cells = "".join(cell_html(spanning, dialect, tag) for spanning in row)
        lines.append(f"<tr style='mso-yfti-irow:{index}'>{cells}" + ("</tr>\n" if dialect.close_cells else "\n"))
    body = "".join(lines)
    return f"<table border=1 class=MsoNormalTable>{f'<tbody>{body}</tbody>' if dialect.sections else body}</table>"


# Tables in a page --------------------------------------------------------------------------


def in_layout(table: str) -> str:
    return f"<table width=98%><tr><td width=5></td><td>{table}</td><td>&nbsp;</td></tr></table>"


def in_two_layouts(table: str) -> str:
    return in_layout(f"<div>{in_layout(table)}</div>")


def in_scrolling_box(table: str) -> str:
    return f'<div style="overflow-x:auto"><center>{table}</center></div>'


WRAPPERS: list[Callable[[str], str]] = [str, in_layout, in_two_layouts, in_scrolling_box]


def split(rows: Rows, at: int) -> list[Rows]:
    """A table cut in two by an editor: what spans over the cut is cut off, not repeated."""
    head = [[replace(c, row_span=min(c.row_span, at - index)) for c in row] for index, row in enumerate(rows[:at])]
    return [head, [list(row) for row in rows[at:]]]


# Whole pages -------------------------------------------------------------------------------

Container = Callable[[str], str]
CONTAINERS: dict[str, Container] = {
    "trs": lambda body: f'<div class="article"><div class=TRS_Editor><div class="trs_editor_view">{body}</div></div>',
    "ueditor": lambda body: f'<div id="zoom" class="trs_editor_view TRS_UEDITOR">{body}',
    "ucap": lambda body: f'<div class="article_content" id="UCAP-CONTENT"><UCAPCONTENT>{body}</UCAPCONTENT>',
    "gkmlpt": lambda body: f'<div class="article-content">{body}',
    "vsb": lambda body: f'<div id="vsb_content_500"><div class="v_news_content">{body}</div>',
    "lonsun": lambda body: f'<div class="wenzhang"><div class="contentxxgk">{body}</div>',
    "unknown": lambda body: f'<div class="a1"><div class="b2">{body}',
    "word": lambda body: f'<div class="a1"><div class="WordSection1" style="layout-grid:15.6pt">{body}</div>',
    "table": lambda body: f'<div class="a1"><table width="100%"><tr><td class="x">{body}</td></tr></table>',
}
UNCLOSED = {"ueditor", "gkmlpt", "unknown"}
TAILS = [
    f"<p>附件：<a href='./P0202501.pdf'>{NOISE}.pdf</a></p>",
    f"<p>附件：</p><p><a href='/f/1.docx'>1.{NOISE}.docx</a></p><p>2.{NOISE}.xlsx</p>",
    f"<div class='fujian'><p>{NOISE}</p></div>",
    f"<div class='bdsharebuttonbox'><span>分享到：{NOISE}</span></div>",
    f"<p>扫一扫在手机打开当前页{NOISE}</p>",
    f"<p>【<a href='javascript:window.print()'>打印</a>】【<a href='#'>关闭</a>】{NOISE}</p>",
    f"<div>上一篇：<a href='a.html'>{NOISE}</a></div><div>下一篇：没有了{NOISE}</div>",
    f"<h4>相关链接</h4><ul><li><a href='b.html'>{NOISE}解读</a></li></ul>",
    f"<p>责任编辑：{NOISE}</p>",
    f"<div id='footer'><p>主办：{NOISE}　网站标识码：0000000000</p></div>",
    f"<p>浏览次数：<span>12</span>{NOISE}</p>",
    f"<p>来源：{NOISE}</p>",
    f"<p style='display:none'>{NOISE}</p>",
    f"<script>document.write('{NOISE}')</script>",
]
HEADS = [
    f"<div class='nav'><ul><li><a href='/'>首页{NOISE}</a></li><li>政务公开{NOISE}</li></ul></div>",
    f"<div class='dqwz'>您现在的位置：<a href='/'>首页</a> &gt; <a href='/nb/'>政府信息公开年报</a>{NOISE}</div>",
    f"<table class='xxgk'><tr><td>索引号</td><td>00{NOISE}</td><td>成文日期</td><td>2025-01-15</td></tr>"
    f"<tr><td>发布机构</td><td>{NOISE}</td><td>发布日期</td><td>{PUBLISHED}</td></tr></table>",
    f"<div class='info'><span>时间：{PUBLISHED} 09:12</span><span>来源：{NOISE}</span></div>",
    f"<ul><li>索引号：{NOISE}</li><li><b>生成日期：</b>2025-01-15</li><li><b>发布日期：</b><i>{PUBLISHED}</i></li></ul>",
    f"<dl><dt>发布日期：</dt><dd>{PUBLISHED}</dd></dl>",
]
TITLES = [
    f"<h1>{TITLE}</h1>",
    f"<h1>{ORGAN}<br/>2024年政府信息公开工作年度报告</h1>",
    f"<p style='text-align:center'><b>{ORGAN}</b></p><p><b>2024年政府信息公开工作年度报告</b></p>",
    f"<h3 id=title>\n{ORGAN} 2024 年政府信息公开\n工作年度报告</h3>",
    f"<UCAPTITLE>{TITLE}</UCAPTITLE>",
]
HEADINGS: list[Callable[[str], str]] = [
    lambda text: f"<p>{text}</p>",
    lambda text: (
        f"<p class=MsoNormal style='text-indent:32.0pt'><span style='font-family:黑体'>{text[:2]}</span>"
        f"<span>{text[2:]}</span><span lang=EN-US><o:p></o:p></span></p>"
    ),
    lambda text: f"<h2><strong>{text}</strong></h2>",
    lambda text: f"<p><br/>　　{text}</p>",
    lambda text: f"<div>{'&nbsp;'.join(text)}</div>",
    lambda text: f"<p>#PAGE_BREAK#{text}</p>",
]


def rendered_tables(draw: Draw, figures: dict[str, Figures], two: str, three: str, dialect: Dialect) -> list[str]:
    """The three tables in this dialect, each perhaps cut and wrapped."""
    tables = []
    for rows in all_rows(figures, two, three):
        heads = 3 if rows[0][0].row_span == 3 or rows[0][0].column_span == 5 else 2
        parts = split(rows, draw(st.integers(heads, len(rows) - 1))) if draw(st.booleans()) else [rows]
        wrap = draw(st.sampled_from(WRAPPERS))
        tables.append("<p>&nbsp;</p>".join(wrap(table_html(part, dialect)) for part in parts))
    return tables


def body_html(draw: Draw, tables: Sequence[str]) -> str:
    heading = draw(st.sampled_from(HEADINGS))
    parts = []
    for number, numeral in enumerate("一二三四五六", 1):
        parts.append(heading(f"{numeral}、{forms.SECTIONS[number].zh}"))
        parts += [f"<p>　　{line}</p>" for line in PROSE[number]]
        if 2 <= number <= 4:
            parts.append(tables[number - 2])
    return "".join(parts)


def page_html(draw: Draw, tables: Sequence[str]) -> str:
    """A page of a portal around the report."""
    name = draw(st.sampled_from(sorted(CONTAINERS)))
    tail = "".join(draw(st.lists(st.sampled_from(TAILS), max_size=4, unique=True)))
    title, body = draw(st.sampled_from(TITLES)), body_html(draw, tables)
    inside = draw(st.booleans())
    held = CONTAINERS[name]((title if inside else "") + body + (tail if name in UNCLOSED else ""))
    closing = "</div></div>" if name == "unknown" else "</div>"
    head = "".join(draw(st.lists(st.sampled_from(HEADS), max_size=3, unique=True)))
    return (
        f"{head}{'' if inside else title}{held}{'' if name in UNCLOSED else tail}{closing}"
        f"<div class='footer'><p>版权所有{NOISE}</p></div>"
    )


def whole_page(body: str, *, charset: str | None = "utf-8", script: str = "") -> str:
    meta = f'<meta charset="{charset}">' if charset else ""
    return (
        f"<!DOCTYPE html><html><head>{meta}<title>{TITLE}-明川市人民政府</title>"
        "<style>@media print{.a1{display:none}} .mask{display:none} .b2{color:#333}</style>"
        f"{script}</head><body>{body}</body></html>"
    )


def in_config(body: str, *, escape_markup: bool) -> str:
    """A page whose report stands in the configuration of its script."""
    detail = json.dumps({"id": 1, "title": TITLE, "publisher": ORGAN, "content": body}, ensure_ascii=escape_markup)
    if escape_markup:
        detail = detail.replace("<", "\\u003C").replace(">", "\\u003E").replace("&", "\\u0026")
    detail = detail.replace("</script", "<\\/script")
    script = f"<script>window._CONFIG = {{ APP_URL:'http://x', SID: '755041', DETAIL: {detail}, X: 1 }}</script>"
    return whole_page("<div id='app'></div>", script=script)
