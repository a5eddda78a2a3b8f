import sqlite3

from hypothesis import example, given, settings
from hypothesis import strategies as st

from archive import full_text
from archive.reports import index_sections, store_extraction
from archive.search import rewrite_query, segment
from archive.store import Archive
from parsers.extract import Refusal
from parsers.report import Section
from tests.archive.factory import payload_of, sound_report

FTS = "CREATE VIRTUAL TABLE t USING fts5(text, content='', tokenize='unicode61 remove_diacritics 2')"


def matches(text, query):
    connection = sqlite3.connect(":memory:")
    connection.execute(FTS)
    connection.execute("INSERT INTO t(rowid, text) VALUES (1, ?)", (segment(text),))
    found = connection.execute("SELECT count(*) FROM t WHERE t MATCH ?", (rewrite_query(query),)).fetchone()
    connection.close()
    return bool(found[0])


def test_words_of_any_length_are_found():
    text = "北关区信访局2024年政府信息公开工作年度报告，建成５Ｇ基站12座"
    for query in [
        "信",
        "信访",
        "信访局",
        "政府信息公开",
        "5G基站",
        "2024",
        "信访 公开",
        '"信访局 2024"',
        "5g*",
        "2024年",
    ]:
        assert matches(text, query), query
    for query in ["访信", "信访 渔业", '"信访 公开"', "202", "", "   ", "()"]:
        assert not matches(text, query), query


def test_prefix_and_exclusion():
    assert matches("共2024件", "202*")
    assert matches("信访", "信访 -渔业")
    assert not matches("信访与渔业", "信访 -渔业")
    assert not matches("信访", "-渔业")


def test_queries_are_rewritten_to_phrases():
    assert rewrite_query("信访 5G基站*") == '"信 访" AND "5G 基 站"*'
    assert rewrite_query('"信访局') == '"信 访 局"'
    assert rewrite_query("信访 -渔业") == '("信 访") NOT ("渔 业")'
    assert rewrite_query("") == '""'


@given(st.text())
@example('信访-局:*"(')
@example('"" AND NOT')
@example('a" OR "b*')
@example("\0")
def test_whatever_is_typed_is_a_valid_query(query):
    matches("信访", query)


TEXT = st.text(alphabet="信访局公开", max_size=6)
STEP = st.tuples(st.integers(0, 3), st.one_of(st.none(), st.lists(TEXT, max_size=3)))


@settings(max_examples=40, deadline=None)
@given(st.lists(STEP, min_size=1, max_size=12), st.text(alphabet="信访局公开", min_size=1, max_size=3))
def test_search_finds_what_a_full_scan_finds(tmp_path_factory, steps, term):
    path = tmp_path_factory.mktemp("search") / "archive.db"
    with Archive.open(path) as archive:
        run_id = archive.begin_run("test")
        urls = [f"http://www.yunxi.example/{number}.html" for number in range(4)]
        digests = [
            archive.record_capture(
                run_id, url, payload_of(sound_report(), number), fetched_at="2025-01-10", http_status=200
            )
            for number, url in enumerate(urls)
        ]
        for document, texts in steps:
            report = sound_report(
                year=2020 + document,
                sections=[Section(number, "标题", text) for number, text in enumerate(texts or [], start=1)],
            )
            outcome = Refusal("not_a_report", "") if texts is None else report
            store_extraction(archive, digests[document], urls[document], outcome, "1")
        found = archive.db.conn.execute(
            "SELECT rowid FROM sections_fts WHERE sections_fts MATCH ? ORDER BY rowid", (rewrite_query(term),)
        ).fetchall()
        truth = archive.db.conn.execute(
            "SELECT id FROM sections WHERE text LIKE '%' || ? || '%' ORDER BY id", (term,)
        ).fetchall()
        assert found == truth


def _segments(archive):
    return len(archive.db.conn.execute("SELECT DISTINCT segid FROM sections_fts_idx").fetchall())


def test_an_index_built_anew_is_merged_little_by_little(tmp_path, monkeypatch):
    """However many pieces it was written in, the next command does not merge all of them at once."""
    monkeypatch.setitem(full_text._AT_ONCE, "hashsize", 64)
    with Archive.open(tmp_path / "archive.db") as archive:
        run_id = archive.begin_run("test")

        def store(number):
            url = f"http://www.yunxi.example/{number}.html"
            payload = payload_of(sound_report(), number)
            digest = archive.record_capture(run_id, url, payload, fetched_at="2025-01-10", http_status=200)
            sections = [Section(1, "标题", f"第{number}号" + "政府信息公开工作" * 50)]
            store_extraction(archive, digest, url, sound_report(year=2000 + number, sections=sections), "1")

        for number in range(24):
            store(number)
        with archive.db.atomic():
            text = "".join(chr(0x4E00 + number) for number in range(4000))
            archive.db.conn.execute("UPDATE sections SET text = text || ?", (text,))
        index_sections(archive)
        pieces = _segments(archive)
        assert pieces > 16
        store(24)
        assert _segments(archive) >= pieces
        for query in ("政府信息公开", "第7号", "第24号"):
            found = archive.db.conn.execute(
                "SELECT count(*) FROM sections_fts WHERE sections_fts MATCH ?", (rewrite_query(query),)
            ).fetchone()
            assert found[0] == (25 if query == "政府信息公开" else 1), query
        archive.db.conn.execute("INSERT INTO sections_fts (sections_fts) VALUES ('integrity-check')")
