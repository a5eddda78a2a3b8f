"""Atom feeds (RFC 4287) of new reports, changes and findings: of everything, a place, an organ or a rule."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from datasette.app import Datasette
from datasette.utils import tilde_encode
from datasette.utils.asgi import BadRequest, NotFound, Request, Response
from feedgen.feed import FeedGenerator  # type: ignore[import-untyped]

from publish.dictionary import dictionary
from publish.language import Said
from publish.layout import field_label
from publish.metadata import DATABASE
from publish.noted import not_dismissed

ENTRIES = 60
_SECONDS_TO_CACHE = 600
_EPOCH = "1970-01-01T00:00:00Z"
_LISTED = 30
# What XML 1.0 cannot hold (section 2.2 of the recommendation).
_NO_CHARACTER = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_FILTERS = {
    "province": "o.province = :province",
    "city": "o.city = :city",
    "county": "o.county = :county",
    "organ": "o.id = :organ",
    "year": "r.year = cast(:year as integer)",
}


@dataclass(frozen=True, slots=True)
class _Entry:
    """An entry: an id that never changes, moment (UTC), title, report it leads to, text."""

    id: str
    moment: str
    title: str
    report_id: str
    text: str


@dataclass(frozen=True, slots=True)
class _Feed:
    """A kind of feed: ``sql`` has a place for conditions, ``entry`` makes an entry of a row."""

    title: Said
    sql: str
    filters: dict[str, str]
    entry: Callable[[dict[str, Any]], _Entry]


def _report(row: dict[str, Any]) -> _Entry:
    about = [row["organ"], row["province"] or "", f"{row['year']} 年度", dictionary().value("status", row["status"])]
    return _Entry(f"report:{row['id']}", row["captured_at"], row["title"], row["id"], " · ".join(filter(None, about)))


def _change(row: dict[str, Any]) -> _Entry:
    fields = row["fields"].split("\x1f")
    named = "；".join(field_label(field) for field in fields[:_LISTED])
    more = f"等 {len(fields)} 处" if len(fields) > _LISTED else ""
    title = f"{row['title']}：发布后改动 {len(fields)} 处"
    return _Entry(f"change:{row['id']}:{row['detected_at']}", row["detected_at"], title, row["id"], named + more)


def _finding(row: dict[str, Any]) -> _Entry:
    title = f"{row['organ']} {row['year']} 年度：{row['label']}"
    return _Entry(f"finding:{row['finding_id']}", row["captured_at"], title, row["id"], row["message"])


_REPORT_COLUMNS = "r.id, r.title, r.year, r.status, r.captured_at, o.name as organ, o.province"
_FEEDS = {
    "reports": _Feed(
        Said("新收录的报告", "New reports"),
        f"select {_REPORT_COLUMNS} from reports as r join organs as o on o.id = r.organ_id "
        "where {conditions} order by r.captured_at desc, r.id limit {entries}",
        _FILTERS,
        _report,
    ),
    "changes": _Feed(
        Said("发布后的修改", "Changes after publication"),
        f"select {_REPORT_COLUMNS}, c.detected_at, group_concat(c.field, char(31)) as fields from changes as c "
        "join reports as r on r.id = c.report_id join organs as o on o.id = r.organ_id "
        "where {conditions} group by r.id, c.detected_at order by c.detected_at desc, r.id limit {entries}",
        _FILTERS,
        _change,
    ),
    "findings": _Feed(
        Said("疑点", "Findings"),
        f"select {_REPORT_COLUMNS}, f.id as finding_id, f.message, coalesce(u.label, f.rule) as label "
        # Of everything the newest reports are read first; what is narrowed is found by its place or organ.
        "from reports as r {join} findings as f on f.report_id = r.id join organs as o on o.id = r.organ_id "
        "left join rules as u on u.code = f.rule "
        # What our own reading leaves in doubt is no news of the source.
        "where f.cause <> 'extraction' and f.severity <> 'note' and {dismissed} and {conditions} "
        "order by r.captured_at desc, f.id limit {entries}",
        {**_FILTERS, "rule": "f.rule = :rule"},
        _finding,
    ),
}
KINDS = {name: feed.title for name, feed in _FEEDS.items()}


async def feed(datasette: Datasette, request: Request) -> Response:
    """Answer ``/-/feed/reports.atom``, ``changes.atom`` and ``findings.atom``, narrowed by what ``_FILTERS`` name."""
    kind = _FEEDS.get(request.url_vars["kind"])
    if kind is None:
        raise NotFound("No such feed")
    arguments = {name: value for name in request.args if (value := request.args.get(name))}
    if unknown := arguments.keys() - kind.filters.keys():
        raise BadRequest(
            Said(
                f"不能按 {min(unknown)} 订阅，可用：{', '.join(kind.filters)}",
                f"cannot narrow by {min(unknown)}: use {', '.join(kind.filters)}",
            )
        )
    conditions = " and ".join([kind.filters[name] for name in arguments] or ["1"])
    join = "join" if arguments else "cross join"
    sql = kind.sql.format(conditions=conditions, entries=ENTRIES, join=join, dismissed=not_dismissed())
    found = await datasette.get_database(DATABASE).execute(sql, arguments)
    entries = [kind.entry(dict(row)) for row in found.rows]
    return Response(
        _atom(datasette, request, str(kind.title), arguments, entries),
        content_type="application/atom+xml; charset=utf-8",
        headers={"cache-control": f"max-age={_SECONDS_TO_CACHE}"},
    )


def _atom(
    datasette: Datasette, request: Request, title: str, arguments: dict[str, str], entries: list[_Entry]
) -> bytes:
    site = dictionary().site["label"]
    narrowed = "，".join(arguments.values())
    made = FeedGenerator()
    made.id(datasette.absolute_url(request, request.full_path))
    made.title(_clean(f"{site}：{title}" + (f"（{narrowed}）" if narrowed else "")))
    made.link(href=datasette.absolute_url(request, request.full_path), rel="self")
    made.link(href=datasette.absolute_url(request, datasette.urls.instance()), rel="alternate")
    made.author({"name": site})
    made.updated(max((entry.moment for entry in entries), default=_EPOCH))
    for entry in entries:
        added = made.add_entry(order="append")
        added.id(f"urn:nianbao:{tilde_encode(entry.id)}")
        added.title(_clean(entry.title))
        added.updated(entry.moment)
        path = datasette.urls.row(DATABASE, "reports", tilde_encode(entry.report_id))
        added.link(href=datasette.absolute_url(request, path))
        added.content(_clean(entry.text), type="text")
    content: bytes = made.atom_str(pretty=True)
    return content


def _clean(text: str) -> str:
    return _NO_CHARACTER.sub("\ufffd", text)
