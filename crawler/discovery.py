"""Which links of a page lead towards annual reports, and whether a page is their column.

A link's score is the sum of what its text and its address suggest; a column of reports is
confirmed by its content. The phrases are data, see ``phrases.toml``.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Any, Self

from archive.frontier import COLUMN, EXPLORE, FILE, REPORT, Lead
from crawler import phrases, titles, urls
from crawler.cms.base import Family
from crawler.hosts import HostRules
from crawler.page import Link, Page, squeeze

MAX_DEPTH = 5
MAX_COLUMN_DEPTH = 10
THRESHOLD = 30
SCORE_COLUMN, SCORE_WEAK_COLUMN, SCORE_SLUG = 100, 80, 70
SCORE_SECTION, SCORE_PORTAL_SECTION, SCORE_SIBLING, SCORE_SECTION_SLUG = 60, 45, 35, 30
SCORE_YEAR, SCORE_ORGAN_CLASS, SCORE_ORGAN = 25, 20, 15
SCORE_NEGATIVE, SCORE_AVOID = -100, -60
# Documents first, then lists, then the way to lists: what is sure is kept soonest.
ORDER_START, ORDER_FILE, ORDER_REPORT, ORDER_LIST = 1000, 400, 300, 200
_LONGEST_LABEL = 24
_LONGEST_ORGAN = 24
_TRAIL = 8
_ORNAMENTS = " \t>＞»›·•|｜[]【】()（）《》<＜+：:.…-—"


@dataclass(frozen=True, slots=True)
class Context:
    """What the pages that led to an address say of it; stored with the address.

    ``trail`` are the texts of the links that led here, ``column`` the first page of the report
    column that this address is in, ``first`` that of the list of which it is page ``page``.
    ``listed`` is whether a list names it as a report. ``optional``: asked for only as a proof.
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

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        """The context stored as ``data``."""
        return cls(**{**data, "trail": tuple(data.get("trail", ()))})

    def to_json(self) -> dict[str, Any]:
        """This context without its defaults, to be stored."""
        defaults = asdict(Context())
        return {key: value for key, value in asdict(self).items() if value != defaults[key]}


def lead(url: str, kind: str, depth: int, score: int, context: Context) -> Lead:
    """A frontier lead to ``url``."""
    return Lead(url, urls.key(url), urls.host(url), kind, depth, score, context.to_json())


def score(link: Link, trail: tuple[str, ...]) -> tuple[int, bool]:
    """How much ``link`` promises to lead to a report column, and whether it is one by its name.

    ``trail`` are the texts that led to the page it stands on.
    """
    labels = {_label(text) for text in link.texts}
    if any(_has(label, "negative") for label in labels):
        return SCORE_NEGATIVE, False
    points, is_column = 0, False
    article = urls.is_article(link.url) or urls.is_file(link.url)
    if labels & phrases.words("anchors", "column"):
        points, is_column = SCORE_COLUMN, True
    elif labels & phrases.words("anchors", "weak_column") and _in_section(link.url, trail):
        points, is_column = SCORE_WEAK_COLUMN, True
    elif labels & phrases.words("anchors", "section"):
        points = SCORE_SECTION
    elif labels & phrases.words("anchors", "portal_section"):
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


def explore(page: Page, depth: int, context: Context, hosts: HostRules, *, columns_only: bool = False) -> list[Lead]:
    """Leads from a page on the way to report columns; only to columns if ``columns_only``."""
    found: dict[str, Lead] = {}
    for link in page.links:
        key = urls.key(link.url)
        if key == urls.key(page.url) or not hosts.is_own(link.url) or depth + 1 > MAX_DEPTH:
            continue
        label = _label(link.label)
        points, is_column = score(link, context.trail)
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
            found[key] = lead(link.url, COLUMN if is_column else EXPLORE, depth + 1, points, follow)
    return list(found.values())


def is_confirmed_column(page: Page, rows: list[Link]) -> bool:
    """Whether ``page`` shows by its content that it is a column of reports.

    Two reports of different years in its ``rows``, or its own name in metadata or breadcrumb.
    """
    years = {titles.year(row.label) for row in rows if titles.accept(row.label)} - {None}
    if len(years) >= 2:
        return True
    names = {squeeze(page.metas.get("columnname", "")), *page.breadcrumb[-1:]}
    return bool(names & phrases.words("anchors", "column"))


def reports(page: Page, family: Family, depth: int, context: Context, hosts: HostRules) -> list[Lead]:
    """Leads to the reports that the list on ``page`` names."""
    found: dict[str, Lead] = {}
    candidates = [*family.rows(page), *page.links]
    has_year = any(squeeze(text)[:4].isdigit() for text in (*context.trail[-4:], *page.breadcrumb))
    for row in candidates:
        key = urls.key(row.url)
        if key in found or key == urls.key(page.url) or not hosts.may_ask(row.url, as_document=True):
            continue
        title = _report_title(row, has_year=has_year)
        if title is None:
            continue
        is_file = urls.is_file(row.url)
        about = Context(
            title=title or None,
            published_on=row.date,
            landing_url=page.url if is_file else None,
            file_name=row.label if is_file else None,
            referer=page.url,
            trail=context.trail,
            column=context.column,
            listed=True,
        )
        order = ORDER_FILE if is_file else ORDER_REPORT
        found[key] = lead(row.url, FILE if is_file else REPORT, depth + 1, order, about)
    return list(found.values())


def folders(page: Page, depth: int, context: Context, hosts: HostRules) -> list[Lead]:
    """Leads to the folders of a report column: years, classes of organs, single organs."""
    if depth + 1 > MAX_COLUMN_DEPTH or context.column is None:
        return []
    found: dict[str, Lead] = {}
    roots = (urls.folder(context.column), urls.folder(page.url))
    for link in page.links:
        key = urls.key(link.url)
        if key == urls.key(page.url) or key in found or not hosts.is_own(link.url):
            continue
        label = _label(link.label)
        if _has(label, "negative") or urls.is_file(link.url) or urls.is_article(link.url):
            continue
        if phrases.pattern("urls", "endless").search(link.url):
            continue
        below = urls.folder(link.url).startswith(roots) and not urls.folder(context.column).startswith(
            urls.folder(link.url)
        )
        if phrases.pattern("anchors", "year_folder").match(label):
            points = SCORE_YEAR
        elif below and phrases.pattern("anchors", "organ_class").search(label):
            points = SCORE_ORGAN_CLASS
        elif below and len(label) <= _LONGEST_ORGAN and phrases.pattern("anchors", "organ_name").search(label):
            points = SCORE_ORGAN
        else:
            continue
        inside = replace(
            context,
            referer=page.url,
            trail=(*context.trail, label)[-_TRAIL:],
            first=None,
            page=1,
            optional=False,
        )
        found[key] = lead(link.url, COLUMN, depth + 1, ORDER_LIST + points, inside)
    return list(found.values())


def further_pages(
    page: Page, family: Family, depth: int, context: Context, hosts: HostRules
) -> tuple[list[Lead], int | None, int | None]:
    """Leads to the further pages of the list on ``page``, and the pages and rows that it declares."""
    first = context.first or page.url
    paging = family.paging(page, first)
    found = [
        lead(
            further.url,
            COLUMN,
            depth,
            ORDER_LIST,
            replace(
                context,
                referer=page.url,
                first=first,
                page=context.page + 1,
                optional=further.optional,
                listed=False,
            ),
        )
        for further in paging.next_pages
        if hosts.is_own(further.url)
    ]
    return found, paging.pages, paging.total


def _report_title(row: Link, *, has_year: bool) -> str | None:
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
    if row.date and phrases.pattern("titles", "short").search(label):
        return row.label
    if phrases.pattern("titles", "core").search(label):
        return None
    names_organ = len(label) <= _LONGEST_ORGAN and phrases.pattern("anchors", "organ_name").search(label)
    return "" if names_organ and has_year and urls.is_article(row.url) else None


def _label(text: str) -> str:
    return squeeze(text).strip(_ORNAMENTS)


def _has(label: str, name: str) -> bool:
    return any(phrase in label for phrase in phrases.words("anchors", name))


def _in_section(url: str, trail: tuple[str, ...]) -> bool:
    shown = {_label(text) for text in trail}
    sections = phrases.words("anchors", "section") | phrases.words("anchors", "portal_section")
    return bool(shown & sections) or bool(phrases.pattern("urls", "section").search(url))
