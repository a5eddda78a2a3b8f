"""Feeds that a feed reader accepts, each entry with an id of its own that does not change."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from datasette.app import Datasette
from lxml import etree

from publish.serve import build_app
from tests.publish.conftest import HOSTILE, PLAIN, build_archive

pytestmark = pytest.mark.anyio

ATOM = {"a": "http://www.w3.org/2005/Atom"}


async def read(site: Datasette, path: str) -> etree._Element:
    response = await site.client.get(f"/-/feed/{path}")
    assert response.status_code == 200, response.text
    assert response.headers["content-type"] == "application/atom+xml; charset=utf-8"
    feed = etree.fromstring(response.content)
    for required in ("id", "title", "updated", "author/a:name"):
        assert feed.findtext(f"a:{required}", namespaces=ATOM)
    entries = feed.findall("a:entry", ATOM)
    ids = [entry.findtext("a:id", namespaces=ATOM) for entry in entries]
    assert len(set(ids)) == len(ids)
    for entry in entries:
        assert entry.find("a:link", ATOM).get("href").startswith("http")
    return feed


def links(feed: etree._Element) -> set[str]:
    return {entry.find("a:link", ATOM).get("href").rpartition("/")[2] for entry in feed.findall("a:entry", ATOM)}


async def test_reports(site: Datasette) -> None:
    feed = await read(site, "reports.atom")
    assert {PLAIN, HOSTILE} <= links(feed)
    moments = [entry.findtext("a:updated", namespaces=ATOM) for entry in feed.findall("a:entry", ATOM)]
    assert moments == sorted(moments, reverse=True)


async def test_ids_do_not_change(site: Datasette, tmp_path: Path) -> None:
    again = build_app(build_archive(tmp_path / "again.db"))
    for kind in ("reports", "changes", "findings"):
        first, second = await read(site, f"{kind}.atom"), await read(again, f"{kind}.atom")
        assert [one.text for one in first.iterfind(".//a:entry/a:id", ATOM)] == [
            one.text for one in second.iterfind(".//a:entry/a:id", ATOM)
        ]
        assert first.findall("a:entry", ATOM)


@pytest.mark.parametrize("narrowed", ["province=安宁省", "year=2024", "city=nowhere"])
async def test_narrowed_to_a_place_or_year(site: Datasette, narrowed: str) -> None:
    every = links(await read(site, "reports.atom"))
    some = links(await read(site, f"reports.atom?{narrowed}"))
    assert some < every


async def test_narrowed_to_an_organ_and_a_rule(archive_path: Path, site: Datasette) -> None:
    with sqlite3.connect(archive_path) as db:
        [(organ,)] = db.execute("SELECT organ_id FROM reports WHERE id = ?", (PLAIN,)).fetchall()
        own = {key for (key,) in db.execute("SELECT id FROM reports WHERE organ_id = ?", (organ,))}
        rules = [rule for (rule,) in db.execute("SELECT DISTINCT rule FROM findings WHERE cause <> 'extraction'")]
    assert links(await read(site, f"reports.atom?organ={organ}")) == own
    assert (await read(site, f"findings.atom?rule={rules[0]}")).findall("a:entry", ATOM)
    assert not (await read(site, "findings.atom?rule=no.such")).findall("a:entry", ATOM)


async def test_doubts_of_our_own_reading_are_no_news(archive_path: Path, site: Datasette) -> None:
    with sqlite3.connect(archive_path) as db:
        own = {key for (key,) in db.execute("SELECT id FROM findings WHERE cause = 'extraction'")}
    ids = {one.text.rpartition(":")[2] for one in (await read(site, "findings.atom")).iterfind(".//a:entry/a:id", ATOM)}
    assert not own & {key.removeprefix("finding~3A") for key in ids}


async def test_what_xml_cannot_hold_does_not_break_the_feed(tmp_path: Path) -> None:
    path = build_archive(tmp_path / "controls.db")
    with sqlite3.connect(path) as db:
        db.execute("UPDATE reports SET title = ? WHERE id = ?", ("控制\x0b字符\ufffe<b>&", PLAIN))
    feed = await read(build_app(path), "reports.atom")
    assert "控制\ufffd字符\ufffd<b>&" in {one.text for one in feed.iterfind(".//a:entry/a:title", ATOM)}


async def test_empty_archive_has_empty_feeds(tmp_path: Path) -> None:
    from archive.store import Archive

    Archive.open(tmp_path / "empty.db").close()
    site = build_app(tmp_path / "empty.db")
    for kind in ("reports", "changes", "findings"):
        assert not (await read(site, f"{kind}.atom")).findall("a:entry", ATOM)


@pytest.mark.parametrize(
    ("path", "status"), [("nothing.atom", 404), ("reports.atom?rule=a.b", 400), ("reports.atom?x=1", 400)]
)
async def test_what_is_not_offered_is_refused(site: Datasette, path: str, status: int) -> None:
    assert (await site.client.get(f"/-/feed/{path}")).status_code == status


async def test_pages_name_the_feeds(site: Datasette) -> None:
    page = (await site.client.get("/")).text
    for kind in ("reports", "changes", "findings"):
        assert 'type="application/atom+xml" title=' in page
        assert f"/-/feed/{kind}.atom" in page
