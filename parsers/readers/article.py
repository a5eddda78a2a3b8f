"""Finding the report within its page: without menus, footers, share lines and lists of links."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from bs4 import Tag

from parsers.document import Block, Paragraph, Table
from parsers.normalise import squeeze
from parsers.organs import classify
from parsers.sections import section_headings
from parsers.titles import read_title

_ENOUGH_HEADINGS = 3
_BODY_LENGTH = 200
_TITLE_LINE = 45
_LONGEST_REMARK = 80

# Elements in which the common content systems keep an article's body.
_BODY_IDS = frozenset(
    """
    zoom zoomcon ucap-content ucapcontent ivs_content con_con vsb_content printarea print_area fontzoom zoomtext
    articlecontent article_content article-content trs_editor
    """.split()
)
_BODY_CLASSES = frozenset(
    """
    trs_editor trs_editor_view trs_ueditor trs_preappend v_news_content article-content article_content articlecontent
    artile_zw bt_content contentxxgk is-contentbox wzzw-article gzk-article wenzhang ewb-article-content main-txt
    pages_content article-con news_conent_two_text view-content j-fontcontent conttxt
    """.split()
)
_VSB_ID = re.compile(r"vsb_content(?:_\w+)?", re.I)

# Elements around or within the body that are none of it, told by their tag or by a word of a class or id.
_ASIDE_TAGS = frozenset(["footer", "aside"])
_ASIDE_WORDS = frozenset(
    """
    share fenxiang bdshare bdsharebuttonbox sharebox footer foot copyright breadcrumb breadcrumbs crumb crumbs navbar
    menu sidebar related xglj xgxx xgwz xgjd xgyd prevnext sxp pagination pager qrcode ewm erweima fujian attachment
    attachments annex toolbar jiucuo dqwz recommend hotnews
    """.split()
)
_WORD = re.compile(r"[a-z]+\d*", re.I)

_REMARK = re.compile(
    r"[\[【(（<>《「\s]*(?:"
    r"打印(?:本页|本文|此页|文章|页面)?(?=[\]】)）/|丨·]|$|关闭|收藏|纠错|字体|分享)|关闭(?:窗口|本页|页面|此页)?(?=[\]】)）/|丨·]|$|打印)"
    r"|返回(?:顶部|首页|上一?页|列表|目录)?(?=[\]】)）/|丨·]|$)|收藏(?:本页|此页)?(?=[\]】)）/|丨·]|$|打印)"
    r"|分享(?:到|至|给|文章|本文)?(?=[\]】)）:：]|$|微信|微博|朋友圈|到|至)|扫一扫|扫描?二维码|微信扫|用手机扫|字(?:体|号)(?:大小)?[:：\[【]"
    r"|[上下]一[篇条页则](?=[\]】)）:：]|$|没有|无|\w)|(?:相关|推荐|延伸|热点|关联)(?:链接|信息|阅读|文档|稿件|文章|新闻|附件|解读|政策|资料|内容|推荐)(?=[\]】)）:：]|$)"
    r"|(?:责任编辑|编辑|编审|审核|校对|撰稿|录入|录入员|作者|来源|信息来源|文章来源|稿件来源|稿源|发布(?:日期|时间|机构|单位|人)|供稿)[:：]"
    r"|(?:浏览|点击|阅读|访问|点赞)(?:次数|数|量|人数)[:：]?|您是第\d*|版权所有|(?:主办|承办|协办|技术支持|运维)(?:单位)?[:：]"
    r"|网站(?:标识码|地图|声明|支持IPv6)|政府网站(?:标识码|找错)|\w?ICP备|\w{1,3}公网安备|copyright|©|我要(?:纠错|评论|收藏)"
    r"|(?:联系|关于)我们(?=[\]】)）|丨]|$)|您访问的链接"
    r")",
    re.I,
)
_ATTACHMENT = re.compile(r"^[\[【(（]?(?:相关)?附件(?:下载|列表)?[\d一二三]?[\]】)）]?(?:[:：]|\d[.、:：]|$)")
_FILE_NAME = re.compile(r"\.(?:pdf|docx?|wps|xlsx?|et|ofd|zip|rar|jpe?g|png|tiff?)\b", re.I)


@dataclass(slots=True)
class Placed:
    """A block with the element it came from.

    ``linked`` says that all of it is the text of links, ``aside`` is the innermost element
    around it that by its name holds no body, ``body`` the innermost one that does.
    """

    block: Block
    element: Tag
    linked: bool = False
    aside: Tag | None = None
    body: Tag | None = None

    @property
    def words(self) -> str:
        """Text of a paragraph without white space, '' for a table."""
        return squeeze(self.block.text) if isinstance(self.block, Paragraph) else ""


def is_body(element: Tag) -> bool:
    """Whether an element is by its name the container of an article's body."""
    if element.name == "ucapcontent":
        return True
    identity = str(element.attrs.get("id") or "").lower()
    if identity and (identity in _BODY_IDS or _VSB_ID.fullmatch(identity)):
        return True
    return any(name.lower() in _BODY_CLASSES for name in _classes(element))


def is_aside(element: Tag) -> bool:
    """Whether an element by its name stands beside the article."""
    if element.name in _ASIDE_TAGS:
        return True
    names = [*_classes(element), str(element.attrs.get("id") or "")]
    return any(word.lower() in _ASIDE_WORDS for name in names for word in _WORD.findall(name))


def _classes(element: Tag) -> Sequence[str]:
    classes = element.attrs.get("class") or ()
    return classes.split() if isinstance(classes, str) else classes


def article(placed: list[Placed]) -> list[Placed]:
    """The blocks of the report, its title before them; of a page without sections, its body.

    Lines of links never head a section: tables of contents repeat the headings.
    """
    candidates = [item for item in placed if not item.linked]
    chain = section_headings([item.block for item in candidates])
    if len(chain) < _ENOUGH_HEADINGS:
        return _body_without_headings(placed)
    headings = [candidates[index] for index, _heading in chain]
    holder = _holder(headings)
    inside = _within(placed, holder)
    exempt = _asides_of_report(headings)
    first, last = _index(inside, headings[0]), _index(inside, headings[-1])
    opening = _opening(placed, inside[:first], headings[0])
    body = [item for item in inside[first : last + 1] if not _beside(item, exempt)]
    return [*opening, *body, *_without_remarks(inside[last + 1 :], exempt)]


def _opening(placed: list[Placed], inside: list[Placed], heading: Placed) -> list[Placed]:
    """The report's title, wherever it stands before the first section, and the preamble."""
    title = _title_before(placed, heading)
    start = next((index for index, item in enumerate(inside) if title and item is title[-1]), -1)
    preamble = [
        item
        for item in inside[start + 1 :]
        if not item.linked and (item.aside is None or item.words.endswith("。")) and not is_remark(item.words)
    ]
    return [*title, *preamble]


def _holder(headings: list[Placed]) -> Tag:
    """The innermost body container that holds all headings, else their innermost common element."""
    paths = [[item.element, *item.element.parents] for item in headings]
    common = set(map(id, paths[0]))
    for path in paths[1:]:
        common &= set(map(id, path))
    shared = [element for element in paths[0] if id(element) in common]
    return next((element for element in shared if is_body(element)), shared[0])


def _within(placed: list[Placed], holder: Tag) -> list[Placed]:
    """The blocks that come from an element or from one inside it."""
    known = {id(holder): True}
    inside = []
    for item in placed:
        path: list[int] = []
        element: Tag | None = item.element
        while element is not None and id(element) not in known:
            path.append(id(element))
            element = element.parent
        here = element is not None and known[id(element)]
        known.update(dict.fromkeys(path, here))
        if here:
            inside.append(item)
    return inside


def _index(items: list[Placed], wanted: Placed) -> int:
    return next(index for index, item in enumerate(items) if item is wanted)


def _asides_of_report(headings: list[Placed]) -> set[int]:
    """Elements that hold headings of the report, whatever they are called."""
    return {id(parent) for item in headings for parent in (item.element, *item.element.parents)}


def _beside(item: Placed, exempt: set[int]) -> bool:
    if not isinstance(item.block, Paragraph):
        return False
    return item.aside is not None and id(item.aside) not in exempt and not item.words.endswith(("。", "；"))


def _without_remarks(tail: list[Placed], exempt: set[int]) -> list[Placed]:
    """The last section's prose and the signature; what the portal adds below is left out."""
    kept: list[Placed] = []
    among_files = False
    for item in tail:
        words = item.words
        if isinstance(item.block, Table):
            kept.append(item)
        elif is_remark(words):
            break
        elif _ATTACHMENT.match(words) and len(words) <= _LONGEST_REMARK:
            among_files = True
        elif not (
            item.linked or _beside(item, exempt) or (among_files and (_FILE_NAME.search(words) or not words.strip()))
        ):
            kept.append(item)
    while kept and isinstance(kept[-1].block, Table) and not any(c.text for c in kept[-1].block.cells):
        kept.pop()
    return kept


def is_remark(words: str) -> bool:
    """Whether a line is one that portals add to an article: print, share, source, the neighbouring articles."""
    return len(words) <= _LONGEST_REMARK and not words.endswith(("。", "；")) and _REMARK.match(words) is not None


def _title_before(placed: list[Placed], heading: Placed) -> list[Placed]:
    """The lines before the first section that make up the report's title."""
    before = [item for item in placed[: _index(placed, heading)] if item.words]
    for index in range(len(before) - 1, -1, -1):
        words = before[index].words
        if len(words) > 2 * _TITLE_LINE or not (title := read_title(words)) or not title.complete:
            continue
        if (title.organ and title.year) or index == 0:
            return [before[index]]
        above = before[index - 1]
        joined = read_title(above.words + words) if len(above.words) <= _TITLE_LINE else None
        named = joined is not None and joined.organ is not None and classify(joined.organ)[1] != "other"
        return before[index - 1 : index + 1] if named and not above.linked else [before[index]]
    return []


def _body_without_headings(placed: list[Placed]) -> list[Placed]:
    """The blocks of the best-filled body container; else the page without lines of links and asides.

    Links named like reports stay: they tell a list of reports from a report.
    """
    by_body: dict[int, list[Placed]] = {}
    for item in placed:
        if item.body is not None:
            by_body.setdefault(id(item.body), []).append(item)
    prose = [
        item
        for item in placed
        if not (item.linked and not _names_report(item)) and not _beside(item, set()) and not is_remark(item.words)
    ]
    if not by_body:
        return prose
    filled = max(by_body.values(), key=_length)
    outside = [item for item in prose if item.body is None and item.words.endswith("。")]
    if _length(filled) < _BODY_LENGTH and _length(outside) > 2 * _BODY_LENGTH:
        return prose
    first = _index(placed, filled[0])
    titles = [item for item in placed[:first] if _names_report(item)][-1:]
    links = [item for item in placed[first:] if item.linked and item.body is None and _names_report(item)]
    return [*titles, *_without_remarks(filled, set()), *links]


def _names_report(item: Placed) -> bool:
    return len(item.words) < 2 * _TITLE_LINE and "信息公开" in item.words and item.words.find("报") > 0


def _length(items: list[Placed]) -> int:
    return sum(
        len(item.words)
        if isinstance(item.block, Paragraph)
        else sum(len(squeeze(cell.text)) for cell in item.block.cells)
        for item in items
    )
