"""Which links of a page lead towards annual reports, and whether a page is their column.

A link's score is the sum of what its text and its address suggest; a column of reports is
confirmed by its content. The phrases are data, see ``phrases.toml``.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Self
from urllib.parse import urlsplit

from archive.frontier import COLUMN, EXPLORE, FILE, REPORT, Lead
from crawler import cms, phrases, titles, urls
from crawler.cms.base import Branch, NextPage, Paging
from crawler.hosts import HostRules
from crawler.page import Link, Page, squeeze

MAX_DEPTH = 5
MAX_COLUMN_DEPTH = 10
THRESHOLD = 30
SCORE_COLUMN, SCORE_WEAK_COLUMN, SCORE_SLUG = 100, 80, 70
SCORE_SECTION, SCORE_PORTAL_SECTION, SCORE_SIBLING, SCORE_SECTION_SLUG = 60, 45, 35, 30
SCORE_YEAR, SCORE_ORGAN_CLASS, SCORE_ORGAN = 25, 20, 15
SCORE_NEGATIVE, SCORE_AVOID = -100, -60
# Documents first, then lists, then columns by name, then the way to them: what is sure is kept soonest.
ORDER_START, ORDER_FILE, ORDER_REPORT, ORDER_LIST, ORDER_COLUMN = 1000, 600, 500, 400, 200
_LONGEST_LABEL = 24
_FEWEST_ORGANS, _MOST_ORGANS = 3, 200
_LONGEST_ORGAN = 24
_TRAIL = 8
_ORNAMENTS = " \t>＞»›·•|｜[]【】()（）《》<＜+：:.…-—"


@dataclass(frozen=True, slots=True)
class Context:
    """What the pages that led to an address say of it; stored with the address.

    ``trail`` are the texts of the links that led here, ``column`` the first page of the report
    column that this address is in, ``first`` that of the list of which it is page ``page``.
    ``listed`` is whether a list names it as a report. ``optional``: asked for only as a proof.
    ``attached``: a document that an article links to. ``foreign``: a list or report on the host of
    another body that a list of this portal links to. ``learned``: known from an earlier crawl.
    ``script``: a script of the page ``referer``, which leads nowhere by itself.

    ``method``, ``body`` and ``headers`` are those of the request; the answer to one with
    ``state`` goes back to the ``family`` that made it. Requests that differ in ``shared`` only
    need the same answer.
    """

    title: str | None = None
    published_on: str | None = None
    publisher: str | None = None
    landing_url: str | None = None
    file_name: str | None = None
    referer: str | None = None
    trail: tuple[str, ...] = ()
    section: bool = False
    column: str | None = None
    first: str | None = None
    page: int = 1
    listed: bool = False
    optional: bool = False
    attached: bool = False
    foreign: bool = False
    learned: bool = False
    script: bool = False
    method: str = "GET"
    body: str | None = None
    headers: tuple[tuple[str, str], ...] = ()
    family: str | None = None
    state: Mapping[str, Any] | None = None
    shared: str = ""

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        """The context stored as ``data``."""
        headers = tuple((name, value) for name, value in data.get("headers", ()))
        return cls(**{**data, "trail": tuple(data.get("trail", ())), "headers": headers})

    def to_json(self) -> dict[str, Any]:
        """This context without its defaults, to be stored."""
        return {name: value for name, default in _DEFAULTS.items() if (value := getattr(self, name)) != default}

    def onward(self, **changes: Any) -> Context:
        """This context for another address: what belongs to one request only is not taken along."""
        plain: dict[str, Any] = {
            "method": "GET",
            "body": None,
            "headers": (),
            "family": None,
            "state": None,
            "shared": "",
            "optional": False,
            "listed": False,
            "learned": False,
            "script": False,
        }
        return replace(self, **(plain | changes))


_DEFAULTS = asdict(Context())


def lead(url: str, kind: str, depth: int, score: int, context: Context) -> Lead:
    """A frontier lead to ``url``; what is posted there belongs to its key."""
    key = cms.key(url)
    if context.body is not None or context.method != "GET":
        key += f" {context.method} {hashlib.sha256((context.body or '').encode()).hexdigest()[:16]}"
    if context.shared:
        key += f" for {context.shared}"
    return Lead(url, key, urls.host(url), kind, depth, score, context.to_json())


def request(ask: NextPage, family: str, kind: str, depth: int, score: int, context: Context) -> Lead:
    """A frontier lead for a request that ``family`` makes."""
    made = context.onward(
        method=ask.method,
        body=ask.body,
        headers=ask.headers,
        family=family if ask.state is not None else None,
        state=ask.state,
        optional=ask.optional,
        shared=ask.shared,
    )
    return lead(ask.url, kind, depth, score, made)


def score(link: Link, trail: tuple[str, ...]) -> tuple[int, bool]:
    """How much ``link`` promises to lead to a report column, and whether it is one by its name.

    ``trail`` are the texts that led to the page it stands on.
    """
    labels = {_label(text) for text in link.texts}
    if any(_has(label, "negative") for label in labels):
        return SCORE_NEGATIVE, False
    points, is_column = 0, False
    article = urls.is_article(link.url) or urls.is_file(link.url)
    if any(is_column_name(label) for label in labels):
        points, is_column = SCORE_COLUMN, True
    elif labels & phrases.words("anchors", "weak_column") and _in_section(link.url, trail):
        points, is_column = SCORE_WEAK_COLUMN, True
    elif labels & phrases.words("anchors", "section"):
        points = SCORE_SECTION
    elif labels & phrases.words("anchors", "portal_section") or any(_is_section_of_organ(label) for label in labels):
        points = SCORE_PORTAL_SECTION
    elif labels & phrases.words("anchors", "sibling"):
        points = SCORE_SIBLING
    if not article:
        if phrases.pattern("urls", "column").search(link.url):
            points += SCORE_SLUG
            is_column = True
        elif phrases.pattern("urls", "section").search(link.url):
            points += SCORE_SECTION_SLUG
    if any(_has(label, "avoid") for label in labels) or phrases.pattern("urls", "endless").search(link.url):
        points += SCORE_AVOID
    if article and not is_column:
        return min(points, 0), False
    return points, is_column and points >= THRESHOLD


def explore(
    page: Page,
    links: Iterable[Link],
    depth: int,
    context: Context,
    hosts: HostRules,
    *,
    columns_only: bool = False,
    settled: Collection[str] = (),
) -> list[Lead]:
    """Leads from a page on the way to report columns; only to columns if ``columns_only``.

    ``settled`` are keys of addresses that need not be looked into.
    """
    found: dict[str, Lead] = {}
    for link in links:
        key = cms.key(link.url)
        if key == cms.key(page.url) or key in settled or not hosts.is_own(link.url) or depth + 1 > MAX_DEPTH:
            continue
        label = _label(link.label)
        if phrases.pattern("anchors", "pager").match(label):
            continue
        points, is_column = score(link, context.trail)
        if 0 <= points < SCORE_SIBLING and _is_directory(label, context) and not _is_single(link.url):
            points = SCORE_SIBLING
        if points < THRESHOLD or (columns_only and not is_column):
            continue
        if not is_column and len(label) > _LONGEST_LABEL:
            continue
        follow = Context(
            referer=page.url,
            trail=(*context.trail, label)[-_TRAIL:],
            section=context.section or label in phrases.words("anchors", "section"),
            column=link.url if is_column else None,
        )
        if key not in found or found[key].score < points:
            order = ORDER_COLUMN + points if is_column else points
            found[key] = lead(link.url, COLUMN if is_column else EXPLORE, depth + 1, order, follow)
    return list(found.values())


def branches(
    family: str,
    made: Iterable[Branch],
    page_url: str,
    kind: str,
    depth: int,
    context: Context,
    hosts: HostRules,
) -> list[Lead]:
    """Leads to the lists and menus that the page at ``page_url``, fetched as ``kind``, loads by script.

    What fills the page itself is of its kind; a part of a mere page on the way only counts if
    it may hold the menu. What the page's tree calls a column, year or organ is judged by that
    name, like a link.
    """
    found = []
    for branch in made:
        url = branch.ask.url
        if not hosts.may_list(url, context.column):
            continue
        label = _label(branch.label)
        inside = context.onward(referer=page_url, publisher=branch.organ or context.publisher)
        if not label:
            if kind == COLUMN or branch.menu:
                order = ORDER_LIST if kind == COLUMN else SCORE_SECTION
                found.append(request(branch.ask, family, kind, depth, order, inside))
            continue
        points, is_column = score(Link(url, branch.label, "", None), context.trail)
        path: tuple[str, ...] = (label,)
        if not is_column and _is_folder(label, branch) and is_column_name(_label(branch.within)):
            points, is_column, path = SCORE_COLUMN, True, (_label(branch.within), label)
        inside = replace(inside, trail=(*context.trail, *path)[-_TRAIL:], first=None, page=1)
        if is_column:
            inside = replace(inside, column=context.column or url)
            found.append(request(branch.ask, family, COLUMN, depth + 1, ORDER_COLUMN + points, inside))
        elif context.column is not None and _is_folder(label, branch) and depth + 1 <= MAX_COLUMN_DEPTH:
            found.append(request(branch.ask, family, COLUMN, depth + 1, ORDER_LIST, inside))
        elif points >= THRESHOLD and depth + 1 <= MAX_DEPTH:
            found.append(request(branch.ask, family, EXPLORE, depth + 1, points, inside))
    return found


def is_confirmed_column(page: Page | None, rows: Iterable[Link]) -> bool:
    """Whether ``page`` shows by its content that it is a column of reports.

    Two reports of different years in its ``rows``, or its own name in metadata or breadcrumb.
    """
    years = {titles.year(row.label) for row in rows if titles.accept(row.label)} - {None}
    if len(years) >= 2:
        return True
    if page is None:
        return False
    return any(is_column_name(name) for name in (squeeze(page.metas.get("columnname", "")), *page.breadcrumb[-1:]))


def is_column_name(label: str) -> bool:
    """Whether ``label`` is what columns of reports are called, with or without the organ before it."""
    if _has(label, "negative"):
        return False
    label = phrases.pattern("anchors", "column_suffix").sub("", label)
    if _is_named(label, phrases.words("anchors", "column")):
        return True
    called = phrases.pattern("anchors", "column_name").search(label)
    return called is not None and _is_whose(label[: called.start()])


def _is_named(label: str, known: Collection[str]) -> bool:
    """Whether ``label`` is one of the ``known`` names, with or without an organ before it."""
    if label in known:
        return True
    name = max((name for name in known if label.endswith(name)), key=len, default="")
    whose = label.removesuffix(name)
    return bool(name) and _is_whose(whose)


def _is_whose(text: str) -> bool:
    """Whether ``text`` can be the organ before the name of its column: an organ or nothing."""
    return not text or (len(text) <= _LONGEST_ORGAN and bool(phrases.pattern("anchors", "whose").search(text)))


def _is_section_of_organ(label: str) -> bool:
    return _is_named(label, phrases.words("anchors", "section") | phrases.words("anchors", "portal_section"))


def reports(
    page_url: str, rows: Iterable[Link], path: Iterable[str], depth: int, context: Context, hosts: HostRules
) -> list[Lead]:
    """Leads to the reports that the list at ``page_url`` names; ``path`` are its breadcrumb and headings."""
    found: dict[str, Lead] = {}
    # In a column of reports a row may name no more than an organ: its page will tell the year.
    around = (*context.trail[-4:], *path)
    by_organ = any(_names_year(text) or is_column_name(_label(text)) for text in around)
    for row in rows:
        key = cms.key(row.url)
        if key in found or key == cms.key(page_url) or not hosts.may_ask(row.url, as_document=True):
            continue
        title = _report_title(row, by_organ=by_organ)
        if title is None:
            continue
        is_file = urls.is_file(row.url)
        about = Context(
            title=title or None,
            published_on=row.date,
            publisher=row.publisher or context.publisher,
            landing_url=page_url if is_file else None,
            file_name=row.label if is_file else None,
            referer=page_url,
            trail=context.trail,
            column=context.column,
            listed=True,
            foreign=not hosts.is_own(row.url),
        )
        order = ORDER_FILE if is_file else ORDER_REPORT
        found[key] = lead(row.url, FILE if is_file else REPORT, depth + 1, order, about)
    return list(found.values())


def folders(
    page: Page,
    links: Iterable[Link],
    depth: int,
    context: Context,
    hosts: HostRules,
    settled: Collection[str] = (),
) -> list[Lead]:
    """Leads to the folders of a report column: years, classes of organs, single organs.

    An organ that a list of the portal itself names may have its list on a host of its own.
    ``settled`` are keys of folders that need not be looked into.
    """
    if depth + 1 > MAX_COLUMN_DEPTH or context.column is None:
        return []
    found: dict[str, Lead] = {}
    roots = (urls.folder(context.column), urls.folder(page.url))
    for link in links:
        key = cms.key(link.url)
        if key == cms.key(page.url) or key in found or key in settled:
            continue
        label = _label(link.label)
        if _has(label, "negative") or urls.is_file(link.url) or urls.is_article(link.url):
            continue
        if phrases.pattern("urls", "endless").search(link.url):
            continue
        inside = context.onward(referer=page.url, trail=(*context.trail, label)[-_TRAIL:], first=None, page=1)
        is_organ = len(label) <= _LONGEST_ORGAN and bool(phrases.pattern("anchors", "organ_name").search(label))
        if not hosts.may_list(link.url, context.column):
            if _names_organ(label) and not context.foreign and hosts.is_government(link.url):
                away = replace(inside, foreign=True, column=link.url)
                found[key] = lead(link.url, COLUMN, depth + 1, ORDER_LIST + SCORE_ORGAN, away)
            continue
        elsewhere = urls.host(link.url) != urls.host(page.url) and not context.foreign and not _is_home(link.url)
        below = urls.folder(link.url).startswith(roots) and not urls.folder(context.column).startswith(
            urls.folder(link.url)
        )
        if phrases.pattern("anchors", "year_folder").match(label):
            points = SCORE_YEAR
        elif below and phrases.pattern("anchors", "organ_class").search(label):
            points = SCORE_ORGAN_CLASS
        elif (below and is_organ) or (elsewhere and _names_organ(label)):
            points = SCORE_ORGAN
        else:
            continue
        found[key] = lead(link.url, COLUMN, depth + 1, ORDER_LIST + points, inside)
    return list(found.values())


def organs_elsewhere(page: Page, links: Iterable[Link], depth: int, context: Context, hosts: HostRules) -> list[Lead]:
    """Leads to the organs that a column shows instead of reports, wherever on the portal's hosts they are."""
    found: dict[str, Lead] = {}
    for link in links:
        label, key = _label(link.label), cms.key(link.url)
        if key == cms.key(page.url) or _is_home(link.url) or not hosts.is_own(link.url) or len(found) >= _MOST_ORGANS:
            continue
        if _names_organ(label) and not _has(label, "negative") and not _has(label, "avoid"):
            inside = context.onward(referer=page.url, trail=(*context.trail, label)[-_TRAIL:], first=None, page=1)
            found.setdefault(key, lead(link.url, COLUMN, depth + 1, ORDER_LIST + SCORE_ORGAN, inside))
    enough = len(found) >= _FEWEST_ORGANS and depth + 1 <= MAX_COLUMN_DEPTH and not context.foreign
    return list(found.values()) if enough else []


def is_filled_by_script(page: Page) -> bool:
    """Whether a script of ``page`` asks for something that is to be shown there."""
    return bool(page.scripts) or bool(phrases.pattern("urls", "asks_by_script").search(page.text))


def settled(links: Iterable[Link], listed: Iterable[Lead], context: Context) -> set[str]:
    """Keys of the organs' folders among ``links`` whose report of the year is ``listed`` already.

    Within a year's folder an organ's folder holds one report: the list above it, which repeats
    that report or links to a copy of it, leaves nothing to be found there.
    """
    if not any(phrases.pattern("anchors", "year_folder").match(text) for text in context.trail):
        return set()
    named = [(urls.folder(lead.url), squeeze(title)) for lead in listed if (title := lead.context.get("title"))]
    found = set()
    for link in links:
        label = _label(link.label)
        if not phrases.pattern("anchors", "organ_name").search(label) or _is_single(link.url):
            continue
        below, whose = urls.folder(link.url), re.compile(phrases.text("titles", "whose").format(organ=re.escape(label)))
        if any(folder.startswith(below) or whose.search(title) for folder, title in named):
            found.add(cms.key(link.url))
    return found


def further_pages(
    family: str, paging: Paging, page_url: str, first: str, depth: int, context: Context, hosts: HostRules
) -> list[Lead]:
    """Leads to the further pages of the list that begins at ``first``."""
    following = replace(context, referer=page_url, first=first, page=context.page + 1)
    return [
        request(further, family, COLUMN, depth, ORDER_LIST, following)
        for further in paging.next_pages
        if hosts.may_list(further.url, context.column)
    ]


def _report_title(row: Link, *, by_organ: bool) -> str | None:
    """The title of the report that ``row`` names, None if it names none.

    Empty where only the report itself can tell: the row prints its organ alone, or cuts its
    title short and keeps no whole one.
    """
    cut = phrases.pattern("anchors", "truncated")
    for text in dict.fromkeys((row.label, *row.texts)):
        if cut.search(text):
            continue
        if titles.accept(text):
            # A folder may be called like a report; only an article or a year makes it one.
            if titles.year(text) or row.date or urls.is_article(row.url) or urls.is_file(row.url):
                return text
            return text if squeeze(text) not in phrases.words("anchors", "column") else None
    label = _label(row.label)
    if _has(label, "negative"):
        return None
    if cut.search(row.label):
        may_be = phrases.pattern("titles", "cut_short").search(label)
        return "" if may_be and not phrases.pattern("titles", "reject_always").search(label) else None
    by_address = by_organ and urls.is_article(row.url)
    if (row.date or by_address) and phrases.pattern("titles", "short").search(label):
        return row.label
    if by_address and phrases.pattern("anchors", "year_folder").match(label):
        return ""
    if phrases.pattern("titles", "core").search(label):
        return None
    whose = phrases.pattern("titles", "year").sub("", label)
    return "" if by_address and _names_organ(whose) else None


def _names_organ(label: str) -> bool:
    names = ("organ_name", "area_name", "body_name")
    return len(label) <= _LONGEST_ORGAN and any(phrases.pattern("anchors", name).search(label) for name in names)


def _names_year(text: str) -> bool:
    """Whether ``text`` is a year's folder or a heading that names the year of the reports below it."""
    return squeeze(text)[:4].isdigit() or (titles.accept(text) and titles.year(text) is not None)


def _is_directory(label: str, context: Context) -> bool:
    """Whether a section on disclosure names an organ or a class of organs: each may have its own column."""
    if not context.section or len(label) > _LONGEST_ORGAN:
        return False
    return any(phrases.pattern("anchors", name).search(label) for name in ("organ_class", "organ_name"))


def _is_home(url: str) -> bool:
    parts = urlsplit(url)
    return parts.path in ("", "/") and not parts.query


def _is_single(url: str) -> bool:
    return urls.is_article(url) or urls.is_file(url)


def _is_folder(label: str, branch: Branch) -> bool:
    if _has(label, "negative"):
        return False
    names = ("year_folder", "organ_class", "organ_name")
    return branch.organ is not None or any(phrases.pattern("anchors", name).search(label) for name in names)


def _label(text: str) -> str:
    return squeeze(text).strip(_ORNAMENTS)


def _has(label: str, name: str) -> bool:
    return any(phrase in label for phrase in phrases.words("anchors", name))


def _in_section(url: str, trail: tuple[str, ...]) -> bool:
    shown = {_label(text) for text in trail}
    sections = phrases.words("anchors", "section") | phrases.words("anchors", "portal_section")
    return bool(shown & sections) or bool(phrases.pattern("urls", "section").search(url))
