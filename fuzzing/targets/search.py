"""What readers of the site type: the rewriting of queries, snippets, marks, filters, and the canned queries."""

from __future__ import annotations

import atexit
import random
import re
import sqlite3
import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from urllib.parse import urlencode

from datasette.utils.asgi import Request

from archive.reports import store_extraction
from archive.search import rewrite_query, segment
from archive.store import Archive
from fuzzing import mutations, parts
from fuzzing.invariants import promise
from fuzzing.target import Target
from publish import attributes, connection, snippets
from publish.dictionary import dictionary
from publish.metadata import DATABASE
from sample.generator import generate

TOKENS = tuple(
    text.encode()
    for text in (
        *(
            '"',
            '""',
            "*",
            "-",
            "(",
            ")",
            ":",
            "^",
            "+",
            "{",
            "}",
            "AND",
            "OR",
            "NOT",
            "NEAR(",
            " -",
            ' "',
            '"*',
            "\x00",
            "%",
            "_",
            "\\",
        ),
        *(
            "信访",
            "公开",
            "2024",
            "5G",
            "５Ｇ",
            "é",
            "e\u0301",
            "ß",
            "İ",
            "\u200b",
            "\u3000",
            "\ufdfa",
            "㍿",
            "①",
            "²",
            "𠀀",
            "豈",
            "\x02",
            "\x03",
        ),
        *("--- query\n", "--- text\n", "--- year\n", "--- province\n", "--- kind\n", "--- order\n"),
    )
)
_PLAIN = re.compile("[\u4e00-\u9fa50-9a-z \uff0c\u3002]*")
_RUN = re.compile("[\u4e00-\u9fa5]|[0-9a-z]+")
_FTS = "CREATE VIRTUAL TABLE t USING fts5(text, content='', tokenize='unicode61 remove_diacritics 2')"
_MOST_ANSWER = 100_000


@cache
def _index() -> sqlite3.Connection:
    made = sqlite3.connect(":memory:")
    made.execute(_FTS)
    return made


@cache
def _site() -> sqlite3.Connection:
    """A small archive, opened as the site opens one."""
    folder = tempfile.TemporaryDirectory(prefix="fuzzing-")
    atexit.register(folder.cleanup)
    path = Path(folder.name) / "archive.db"
    with Archive.open(path) as archive:
        run_id = archive.begin_run("fuzzing")
        for number, sample in enumerate(generate().reports[:6]):
            url = f"http://www.yunting.example/{number}.html"
            digest = archive.record_capture(run_id, url, str(number).encode(), fetched_at="2025-01-10", http_status=200)
            assert digest is not None
            store_extraction(archive, digest, url, sample.report, "1")
    opened = connection.open_readonly(path)
    connection.prepare(opened)
    return opened


def _check(data: bytes) -> None:
    found = parts.split(data) or {"query": data}
    fields = {name: body.decode("utf-8", "replace") for name, body in found.items()}
    query, text = fields.get("query", "")[:2000], fields.get("text", "")[:4000]
    _check_index(query, text)
    _check_snippet(query, text)
    _check_filters(fields, query)
    asked = {name: fields.get(name, "")[:200] for name in ("year", "province", "kind", "order")} | {"q": query[:500]}
    for name, canned in dictionary().queries.items():
        if set(canned.inputs) <= set(asked):
            rows = _site().execute(canned.sql, {key: asked[key] for key in canned.inputs}).fetchmany(200)
            promise(len(repr(rows)) < _MOST_ANSWER, f"the query {name} answers with very much")


def _check_index(query: str, text: str) -> None:
    expression = rewrite_query(query)
    index = _index()
    index.execute("INSERT INTO t(rowid, text) VALUES (1, ?)", (segment(text),))
    try:
        matched = bool(index.execute("SELECT count(*) FROM t WHERE t MATCH ?", (expression,)).fetchone()[0])
    finally:
        index.execute("INSERT INTO t(t, rowid, text) VALUES ('delete', 1, ?)", (segment(text),))
    if not _PLAIN.fullmatch(text):
        return
    words = query.split()
    if words and all(_PLAIN.fullmatch(word.removeprefix("-")) and _RUN.search(word) for word in words):
        truth = all(_holds(text, word) for word in words if not word.startswith("-"))
        truth = truth and not any(_holds(text, word[1:]) for word in words if word.startswith("-"))
        truth = truth and any(not word.startswith("-") for word in words)
        promise(matched == truth, f"{query!r} is {'' if matched else 'not '}found in {text!r}")


def _holds(text: str, word: str) -> bool:
    """Whether the words and characters of ``word`` stand one after another in ``text``, whatever is between them."""
    wanted, there = _RUN.findall(word), _RUN.findall(text)
    return any(there[at : at + len(wanted)] == wanted for at in range(len(there)))


def _check_snippet(query: str, text: str) -> None:
    cut = snippets.snippet(text, query)
    assert cut is not None
    promise(cut.count(snippets.START) == cut.count(snippets.END), "a mark is left open")
    plain = " ".join(snippets.unmarked(text).split())
    shown = " ".join(snippets.unmarked(cut).removeprefix("…").removesuffix("…").split())
    promise(shown.replace(" ", "") in plain.replace(" ", ""), f"the snippet {cut!r} is not in the text")
    html = str(snippets.marked(cut)).replace("<mark>", "").replace("</mark>", "")
    promise("<" not in html and ">" not in html, "a snippet brings markup of its own")
    snippets.holds(text, query)
    pattern = snippets.exact_pattern(query)
    if pattern is not None:
        _site().execute("SELECT ? LIKE ? ESCAPE '\\'", (text, pattern)).fetchone()


def _check_filters(fields: dict[str, str], query: str) -> None:
    asked = {f"_{name}": fields[name][:200] for name in (*attributes.ATTRIBUTES,) if fields.get(name)}
    path = f"/{DATABASE}/reports?{urlencode({**asked, '_text': query[:500]})}"
    for table in ("reports", "findings"):
        made = attributes.conditions(Request.fake(path), DATABASE, table, indexed=False)
        if made is None:
            continue
        where = " and ".join(made.where_clauses) or "1"
        _site().execute(f"select count(*) from {table} where {where}", made.params).fetchone()


def _mutate(data: bytes, longest: int, chance: random.Random) -> bytes | None:
    return mutations.mutate(data, longest, chance, TOKENS)


def _seeds() -> Iterator[bytes]:
    text = "北关区信访局2024年政府信息公开工作年度报告，建成５Ｇ基站12座，未发生行政复议。"
    for query in (
        "信访",
        "5G基站*",
        '"信访局 2024"',
        "信访 -渔业",
        "2024 -复议",
        '信访-局:*"(',
        'a" OR "b*',
        "-渔业",
        "予以公开 12",
    ):
        yield parts.join({"query": query.encode(), "text": text.encode()})
    yield parts.join({"query": "公开 年度".encode(), "text": "公开，年度 公开年度 5g".encode()})
    yield parts.join(
        {"query": b"12", "year": b"2021", "province": "云州省".encode(), "kind": b"department", "order": b"date"}
    )
    yield parts.join({"query": b"x", "level": b"county", "city": b"a", "county": b"b", "text": "ﷺ﷽㍿".encode()})


TARGET = Target("search", _check, _seeds, _mutate, longest=4_000)
