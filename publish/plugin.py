"""The site's Datasette plugin: joins the hooks to the modules that do the work.

Only hooks that exist in both Datasette 0.65 and 1.0 are used.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Awaitable, Callable, Iterable
from functools import cache, partial
from importlib import resources
from typing import Any

from datasette import hookimpl
from datasette.app import Datasette
from datasette.facets import Facet
from datasette.filters import FilterArguments
from datasette.utils import tilde_decode, tilde_encode
from datasette.utils.asgi import Forbidden, NotFound, Request, Response
from jinja2 import Environment, pass_context
from jinja2.runtime import Context
from markupsafe import Markup

from publish import attributes, cell_html, cells, connection, facets
from publish.about_page import about
from publish.compare_page import compare
from publish.dictionary import dictionary, unit_word
from publish.differences import excerpts
from publish.downloads import downloads, has_downloads
from publish.evidence import evidence, picture
from publish.export import export
from publish.failures import failure
from publish.feeds import KINDS, feed
from publish.findings_page import KEPT, choices, findings
from publish.headers import secured
from publish.home import home, home_view
from publish.language import addresses, either, gettext, in_chinese, language, ngettext, spoken, template_text
from publish.layout import field_label
from publish.metadata import DATABASE
from publish.organ_page import findings_words, organ_figures
from publish.organ_rates import organ_rates
from publish.organ_years import organ_years
from publish.organs_compare import organs_compare
from publish.original import original
from publish.place_page import place, place_path, place_title
from publish.portals_page import portals
from publish.query_csv import query_csv
from publish.reading import Reader, gathered
from publish.rendering import PREPARE, gather_first
from publish.replay import replay, warc
from publish.report_cells import place_words
from publish.report_page import coverage_view, organ_view, report_view, succession_view
from publish.rule_page import rule_view
from publish.search_page import SearchView
from publish.slice_page import formats, slice_page
from publish.snippets import marked
from publish.table_page import table


@hookimpl
def startup(datasette: Datasette) -> None:
    """Refuse to start where values cannot be limited."""
    connection.require_limits()


@hookimpl(trylast=True)
def prepare_connection(conn: sqlite3.Connection, database: str) -> None:
    """Set limits and functions; last, so that Datasette's own ``escape_fts`` is replaced.

    Datasette's internal database, which nobody can query, is written by Datasette itself.
    """
    if database == DATABASE:
        connection.prepare(conn)


@hookimpl
def filters_from_request(
    datasette: Datasette, request: Request, database: str, table: str
) -> Awaitable[FilterArguments | None]:
    """Filter by attributes of the report or its organ."""
    return attributes.filters(datasette, request, database, table)


@hookimpl
def register_facet_classes() -> list[type[Facet]]:
    """Facet by columns, and by attributes of the report or its organ."""
    return [*facets.CLASSES, attributes.AttributeFacet]


@hookimpl
def render_cell(
    row: Any, value: Any, column: str, table: str | None, database: str, datasette: Datasette
) -> Markup | Awaitable[Markup | None] | None:
    """Show links, words for codes, and marked search hits."""
    return cells.render(datasette, row, value, column, table, database)


_PAGES_TO_INDEX = ("about", "findings$", "place", "portals")
_ROOTS = ("", "/en")


def _robots() -> Response:
    allowed = "".join(f"Allow: {root}/-/{page}\n" for root in _ROOTS for page in _PAGES_TO_INDEX)
    closed = "".join(f"Disallow: {root}/-/\n" for root in _ROOTS)
    return Response.text(f"User-agent: *\n{allowed}{closed}Disallow: /*?\n")


def _closed() -> None:
    raise NotFound("Not part of this site")


@hookimpl
def register_routes() -> list[tuple[str, Callable[..., Any]]]:
    """Add downloads; close Datasette's own pages that tell of the machine or debug it."""
    return [
        (r"/-/export/(?P<database>[^/.]+)/(?P<table>[^/.]+)\.(?P<format>csv|xlsx|json|parquet)$", export),
        (r"/(?P<database>archive)\.(?P<format>csv)$", query_csv),
        (r"/(?P<database>archive)/(?P<table>[^/.]+)(\.(?P<format>\w+))?$", table),
        (r"/$", home),
        (r"/robots\.txt$", _robots),
        (r"/-/downloads$", downloads),
        (r"/-/compare$", compare),
        (r"/-/slice$", slice_page),
        (r"/-/organ-years/(?P<organ>[^/]+)$", organ_years),
        (r"/-/organs-compare$", organs_compare),
        (r"/-/about/?$", about),
        (r"/-/portals/?$", portals),
        (r"/-/findings/?$", findings),
        (r"/-/place(?:/(?P<path>.*))?$", place),
        (r"/-/feed/(?P<kind>[a-z]+)\.atom$", feed),
        (r"/-/warc/(?P<sha256>[0-9a-f]{64})\.warc\.gz$", warc),
        (r"/-/original/(?P<sha256>[0-9a-f]{64})$", original),
        (r"/-/evidence/(?P<report>[^/]+)/(?P<field>[a-z_]+\.[a-z_]+\.[a-z_]+)$", evidence),
        (r"/-/evidence/(?P<report>[^/]+)/(?P<field>[a-z_]+\.[a-z_]+\.[a-z_]+)\.png$", picture),
        (
            r"/-/(versions|plugins|databases|threads|actor|allow-debug|permissions|messages|patterns|auth-token|logout)"
            r"(\.json)?$",
            _closed,
        ),
    ]


@hookimpl
def handle_exception(datasette: Datasette, request: Request, exception: Exception) -> Awaitable[Response]:
    """Answer errors with a page of our own."""
    return failure(datasette, request, exception)


@hookimpl(tryfirst=True)
def forbidden(datasette: Datasette, request: Request) -> Awaitable[Response]:
    """Answer for closed pages with a page of our own."""
    return failure(datasette, request, Forbidden("closed"))


@hookimpl
def asgi_wrapper() -> Callable[[Callable[..., Awaitable[None]]], Callable[..., Awaitable[None]]]:
    """Tell the language by the address, and add the security headers to every response."""
    return lambda app: spoken(secured(app))


@cache
def _stylesheet_version() -> str:
    css = resources.files("publish").joinpath("static/nianbao.css").read_bytes()
    return hashlib.sha256(css).hexdigest()[:8]


def _listed(entries: Iterable[dict[str, Any]], key: str, names: Iterable[str]) -> list[dict[str, Any]]:
    by_name = {entry[key]: entry for entry in entries}
    return [by_name[name] for name in names if name in by_name]


def _in_context(words_of: Callable[..., str]) -> Callable[..., str]:
    @pass_context
    def spoken(_context: Context, *arguments: Any) -> str:
        return words_of(*arguments)

    return spoken


def _values(code: Any, name: str) -> str:
    return dictionary().word(name, code)


@hookimpl
def prepare_jinja2_environment(env: Environment) -> None:
    """Give the templates the dictionary's words."""
    words = dictionary()
    gather_first(env)
    env.add_extension("jinja2.ext.i18n")
    env.install_gettext_callables(gettext, ngettext, newstyle=True)  # type: ignore[attr-defined]
    env.globals["_"] = template_text
    env.globals["either"] = either
    env.globals["words"] = words
    env.globals["feeds"] = KINDS
    env.globals["place_path"] = place_path
    # Jinja computes a filter of a constant once for all, unless it depends on the context: the language does.
    spoken_filters: dict[str, Callable[..., str]] = {
        "place_title": place_title,
        "place_name": words.named,
        "value_word": _values,
        "field_label": field_label,
        "place_words": place_words,
        "unit_word": unit_word,
    }
    for name, words_of in spoken_filters.items():
        env.filters[name] = _in_context(words_of)
    env.globals["in_chinese"] = in_chinese
    env.globals["excerpts"] = excerpts
    for written in (
        cell_html.evidence_of, cell_html.printed_cell, cell_html.printed_lines, cell_html.side,
        cell_html.paired_lines, cell_html.pair_rows,
    ):  # fmt: skip
        env.globals[written.__name__] = written
    env.filters["findings_words"] = findings_words
    env.globals["language"] = language
    env.globals["stylesheet_version"] = _stylesheet_version()
    env.filters["row_key"] = lambda key: tilde_encode(str(key))
    env.filters["marked"] = marked
    env.filters["external_link"] = cells.external_link
    env.globals["listed_columns"] = lambda columns, names: _listed(columns, "name", names)
    env.globals["listed_cells"] = lambda cells, names: _listed(cells, "column", names)
    env.filters["timestamp"] = cells.timestamp


def _crumbs(
    datasette: Datasette, request: Request, database: str | None = None, table: str | None = None
) -> list[dict[str, str]]:
    """What stands above a page; all of the site is open, so nobody is asked."""
    crumbs = [{"href": datasette.urls.instance(), "label": "home"}]
    if database:
        crumbs.append({"href": datasette.urls.database(database), "label": database})
    if table:
        crumbs.append({"href": datasette.urls.table(database, table), "label": table})
    return crumbs


def _organ(read: Reader, organ_id: str) -> dict[str, Any]:
    return {
        "coverage": coverage_view(read, organ_id),
        "organ_reports": organ_view(read, organ_id),
        "successions": succession_view(read, organ_id),
        "organ_rates": organ_rates(read, organ_id),
    }


@hookimpl
def extra_template_vars(
    template: str, request: Request | None, datasette: Datasette
) -> dict[str, Any] | Callable[[], Awaitable[dict[str, Any]]]:
    """Gather what the pages of our own show."""

    def row_id() -> str:
        return tilde_decode(request.url_vars["pks"]) if request else ""

    async def variables() -> dict[str, Any]:
        return {
            "has_downloads": has_downloads(datasette),
            "has_parquet": "parquet" in formats(),
            "addresses": addresses(datasette, request),
            "crumb_items": partial(_crumbs, datasette),
            "replay": partial(replay, datasette, request),
            **await of_page(),
        }

    async def of_page() -> dict[str, Any]:
        if template == "index.html":
            return {"home": await home_view(datasette), "archive_name": DATABASE}
        if template == "row-archive-reports.html":
            return {"view": await gathered(datasette, report_view, row_id())}
        if template == "query-archive-search.html" and request:
            search = SearchView(datasette, request)
            return {"search": search, PREPARE: search.prepare}
        if template == "table-archive-findings.html" and request:
            kept = {name: value for name in KEPT if (value := request.args.get(name))}
            return {"finding_choices": await choices(datasette), "kept": kept}
        if template == "row-archive-rules.html":
            return {"view": await rule_view(datasette, row_id())}
        if template == "row-archive-organs.html":
            return {**await gathered(datasette, _organ, row_id()), "figures": await organ_figures(datasette, row_id())}
        return {}

    return variables
