"""Files of lists and queries. CSV for people: Chinese headings, labels beside codes, opened by Excel as it is.

The rows are those of a table page or canned query, with its filters, search and order, but
all of them. ``_raw=on`` is the CSV for programs: codes as headings, and nothing added or altered.
"""

from __future__ import annotations

import asyncio
import json
import sqlite3
import tempfile
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import IO, Any
from urllib.parse import parse_qsl, quote, urlencode

from datasette.app import Datasette
from datasette.database import Database
from datasette.utils import escape_sqlite, sqlite_timelimit, tilde_decode
from datasette.utils.asgi import BadRequest, Request, Response
from datasette.views.table import TableView

from archive.packing import evidence_json
from publish import ordering
from publish.connection import MAX_STORED_BYTES, decoded, open_readonly, prepare
from publish.csv_columns import FIRST_ROWS, GUARDED, RAW, Edition, fitting, written
from publish.csv_raw import NOT_IN_JSON, RawLines, UnfitError
from publish.dictionary import dictionary
from publish.file_formats import FORMATS, Column, FormatError, Kind, write_parquet
from publish.language import Said, is_english
from publish.spreadsheet import plain, write_workbook
from publish.turns import turns

BOM = b"\xef\xbb\xbf"
BATCH_ROWS = 2_000
BATCH_BYTES = 1 << 19
"""About what is sent at once; fewer rows are read for it where they are long, as evidence is."""
_STOPPING_SECONDS = 0.1
BATCH_LIMIT_MS = 60_000
MAX_WORKBOOK_ROWS = 50_000
"""Rows of a workbook made while the reader waits: some seconds' work."""
WORKBOOK_MEMORY = 4_000_000
CHUNK_BYTES = 1 << 18
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

# Arguments of pages and formats that do not say which rows are meant.
_PAGE_ARGUMENTS = frozenset(
    {"_next", "_size", "_shape", "_header", "_labels", "_label", "_stream", "_dl", "_nl", "_timelimit",
     "_nocount", "_nofacet", "_nosuggest", "_hide_sql", "_show_sql", "_trace", "_raw"}
)  # fmt: skip
_PROBE = " limit 1"
_CROWDED = Said("下载的人较多，请稍后再试", "Too many downloads at the moment, try again shortly")
_UNDECODABLE = "Could not decode to UTF-8"


@dataclass(slots=True)
class _Statement:
    """The SQL behind a page without its page limit, and how to name its columns."""

    sql: str
    params: dict[str, Any]
    columns: list[str]
    table: str | None
    foreign: dict[str, tuple[str, str, str]] = field(default_factory=dict)


async def _statement(datasette: Datasette, request: Request, *, labels: bool) -> _Statement | Response:
    """Let Datasette's own table view resolve the request; its permissions and errors apply."""
    arguments = [
        (name, value)
        for name, value in parse_qsl(request.query_string, keep_blank_values=True)
        if name not in _PAGE_ARGUMENTS and not name.startswith("_facet")
    ]
    arguments += [("_size", "0"), ("_nocount", "1"), ("_nofacet", "1"), ("_nosuggest", "1")]
    probe = Request({**request.scope, "query_string": urlencode(arguments).encode()}, request.receive)
    try:
        answer = await TableView(datasette).data(probe)
    except sqlite3.Error as error:
        raise BadRequest(Said(f"这个筛选无法执行：{error}", f"this filter cannot be run: {error}")) from error
    if isinstance(answer, Response):
        return answer
    data = answer[0]
    if data.get("error"):
        raise BadRequest(data["error"])
    statement = _Statement(data["query"]["sql"], data["query"]["params"], data["columns"], data.get("table"))
    if statement.table is None:
        return statement
    if not statement.sql.endswith(_PROBE):
        raise RuntimeError("Datasette's table query does not end with its limit as expected")
    db = datasette.get_database(data["database"])
    statement.sql = await ordering.ordered(db, statement.sql.removesuffix(_PROBE))
    if labels:
        for key in await db.foreign_keys_for_table(statement.table):
            name = await db.label_column_for_table(key["other_table"])
            if name and key["column"] in statement.columns:
                statement.foreign[key["column"]] = (key["other_table"], key["other_column"], name)
    return statement


def _headings(statement: _Statement, header: str) -> list[str]:
    headings: list[str] = []
    for name in statement.columns:
        column = dictionary().column(statement.table, name)
        if header == "code" or column is None:
            headings += [name, f"{name}_label"] if name in statement.foreign else [name]
        elif header == "zh":
            headings += [f"{column.heading}（代码）", column.heading] if name in statement.foreign else [column.heading]
        else:
            heading = column.heading_en
            headings += [f"{heading} (code)", heading] if name in statement.foreign else [heading]
    return headings


class _Rows:
    """A cursor over the whole result, read batch by batch in a worker thread."""

    def __init__(self, conn: sqlite3.Connection, statement: _Statement) -> None:
        self._conn = conn
        self._statement = statement
        self._cursor: sqlite3.Cursor | None = None
        self._done = 0
        self._at_once = FIRST_ROWS
        self._labels: dict[str, dict[object, object]] = {name: {} for name in statement.foreign}
        self._raw = _raw_lines(conn, statement)

    def next(self) -> list[list[object]]:
        """Return the next rows for a workbook, labels filled in; empty at the end."""
        return [[plain(value) for value in row] for row in self._with_labels(self._next())]

    def next_csv(self, edition: Edition) -> bytes:
        """Return the next rows as CSV; empty at the end."""
        if edition is RAW and (written := self._next_raw()) is not None:
            return written
        rows = self._next()
        labels = {at: self._labels[name] for at, name in enumerate(self._statement.columns) if name in self._labels}
        return self._measured(edition.lines(rows, labels).encode(), len(rows))

    def next_json(self, names: Sequence[str]) -> bytes:
        """Return the next rows as members of a JSON array, objects with ``names``; empty at the end."""
        begun = self._done > 0
        rows = [dict(zip(names, map(plain, row), strict=True)) for row in self._with_labels(self._next())]
        text = ",\n" * (begun and bool(rows)) + ",\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
        return self._measured(text.encode(), len(rows))

    def stop(self) -> None:
        """End what is being read; for another thread than the one that reads."""
        self._conn.interrupt()

    def _measured(self, written: bytes, rows: int) -> bytes:
        """Have as many rows read next as come to BATCH_BYTES."""
        if rows:
            self._at_once = fitting(self._at_once, rows, len(written), most=BATCH_ROWS, wanted=BATCH_BYTES)
        return written

    def _next_raw(self) -> bytes | None:
        """The next rows as SQLite writes them, where it can."""
        if self._raw is None:
            return None
        self._conn.text_factory = bytes
        try:
            with sqlite_timelimit(self._conn, BATCH_LIMIT_MS):
                if self._cursor is None:
                    self._cursor = self._conn.execute(self._raw.sql(self._statement.sql), self._statement.params)
                rows = self._cursor.fetchmany(self._at_once)
                written = self._raw.lines(rows)
        except (sqlite3.OperationalError, UnfitError) as error:
            if isinstance(error, sqlite3.Error) and not str(error).startswith(NOT_IN_JSON):
                raise
            self._raw = self._cursor = None
            self._conn.text_factory = str
            return None
        self._done += len(rows)
        return self._measured(written, len(rows))

    def _next(self) -> list[tuple[object, ...]]:
        with sqlite_timelimit(self._conn, BATCH_LIMIT_MS):
            try:
                rows = self._fetch()
            except sqlite3.OperationalError as error:
                if self._conn.text_factory is not str or _UNDECODABLE not in str(error):
                    raise
                # Some text is no UTF-8: from here on such is replaced, which is too slow for all the rest.
                self._conn.text_factory = decoded
                self._cursor = None
                rows = self._fetch()
            self._done += len(rows)
            if self._statement.table == "evidence":
                rows = [tuple(map(_unpacked, row)) for row in rows]
            if self._labels and rows:
                for name, column in zip(self._statement.columns, zip(*rows, strict=True), strict=True):
                    if name in self._labels:
                        self._look_up(name, column)
            return rows

    def _fetch(self) -> list[tuple[object, ...]]:
        if self._cursor is None:
            rest = f"select * from ({self._statement.sql}) limit -1 offset {self._done}"
            self._cursor = self._conn.execute(rest if self._done else self._statement.sql, self._statement.params)
        return self._cursor.fetchmany(self._at_once)

    def _with_labels(self, rows: list[tuple[object, ...]]) -> list[tuple[object, ...]]:
        if not (rows and self._labels):
            return rows
        columns: list[Sequence[object]] = []
        for name, column in zip(self._statement.columns, zip(*rows, strict=True), strict=True):
            columns.append(column)
            if name in self._labels:
                columns.append([*map(self._labels[name].get, column)])
        return [*zip(*columns, strict=True)]

    def _look_up(self, name: str, codes: Sequence[object]) -> None:
        table, key, label = self._statement.foreign[name]
        known = self._labels[name]
        if len(known) > 50_000:
            known.clear()
        missing = list(set(codes) - known.keys() - {None})
        if missing:
            marks = ",".join("?" * len(missing))
            found = self._conn.execute(
                f"select {escape_sqlite(key)}, {escape_sqlite(label)} from {escape_sqlite(table)} "
                f"where {escape_sqlite(key)} in ({marks})",
                missing,
            )
            known.update(found.fetchall())


def _raw_lines(conn: sqlite3.Connection, statement: _Statement) -> RawLines | None:
    """What has SQLite write the rows; nothing where it does not know the columns, or they are not as they are kept."""
    if statement.table in (None, "evidence") or statement.foreign or len(statement.columns) < 2:
        return None
    types = {row[1]: row[2] for row in conn.execute(f"pragma table_info({escape_sqlite(statement.table)})")}
    return RawLines({name: types.get(name, "") for name in statement.columns})


def _unpacked(value: object) -> object:
    """Evidence as it is published."""
    return evidence_json(value) if isinstance(value, bytes) else value


def _workbook(headings: list[str], rows: _Rows) -> IO[bytes]:
    """The whole result as a workbook in a temporary file; raises ValueError where it is too long for one."""
    file: IO[bytes] = tempfile.SpooledTemporaryFile(max_size=WORKBOOK_MEMORY)  # noqa: SIM115

    def every() -> Iterator[list[object]]:
        count = 0
        while batch := rows.next():
            count += len(batch)
            if count > MAX_WORKBOOK_ROWS:
                raise ValueError(f"more than {MAX_WORKBOOK_ROWS:,} rows")
            yield from batch

    try:
        write_workbook(file, headings, every())
        file.seek(0)
    except BaseException:
        file.close()
        raise
    return file


@dataclass(slots=True)
class _FileResponse:
    """Sends a temporary file and closes it."""

    file: IO[bytes]
    headers: dict[str, str]
    body: bool = True

    async def asgi_send(self, send: Callable[[dict[str, Any]], Awaitable[None]]) -> None:
        """Send the response."""
        try:
            headers = [(name.encode(), value.encode("latin-1")) for name, value in self.headers.items()]
            await send({"type": "http.response.start", "status": 200, "headers": headers})
            while self.body and (chunk := await asyncio.to_thread(self.file.read, CHUNK_BYTES)):
                await send({"type": "http.response.body", "body": chunk, "more_body": True})
            await send({"type": "http.response.body", "body": b""})
        finally:
            self.file.close()


def _parquet(columns: list[str], rows: _Rows) -> IO[bytes]:
    """The whole result as Parquet in a temporary file; raises ValueError where it is too long for one."""
    every: list[list[object]] = []
    while batch := rows.next():
        every += batch
        if len(every) > MAX_WORKBOOK_ROWS:
            raise ValueError(f"more than {MAX_WORKBOOK_ROWS:,} rows")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "rows.parquet"
        typed = [Column(name, _kind([row[at] for row in every])) for at, name in enumerate(columns)]
        texts = [at for at, column in enumerate(typed) if column.kind == "string"]
        for row in every:
            for at in texts:
                row[at] = None if row[at] is None else str(row[at])
        write_parquet(path, "rows", typed, (tuple(row) for row in every))
        # What is open stays readable when its name is gone.
        return path.open("rb")


def _kind(values: list[object]) -> Kind:
    """What the cells of a column are: SQLite lets each be anything."""
    known = [value for value in values if value is not None]
    if known and all(isinstance(value, int) for value in known):
        return "integer"
    return "number" if known and all(isinstance(value, int | float) for value in known) else "string"


@dataclass(slots=True)
class _StreamResponse:
    """Streams the rows; a failure on the way breaks the connection, so no cut file looks whole.

    ``first`` are the rows read already, ``following`` reads more, in a worker thread, while those before are on
    their way; ``stop``, called from another thread, has it raise soon.
    """

    media_type: str
    opening: bytes
    first: bytes
    following: Callable[[], bytes]
    closing: bytes
    disposition: str
    receive: Callable[[], Awaitable[dict[str, Any]]]
    stop: Callable[[], None]
    close: Callable[[], None]
    body: bool = True
    headers: dict[str, str] = field(default_factory=dict)

    async def _gone(self) -> None:
        while (await self.receive())["type"] != "http.disconnect":
            pass

    async def asgi_send(self, send: Callable[[dict[str, Any]], Awaitable[None]]) -> None:
        """Send the response, stopping early where the reader has left."""
        gone = asyncio.create_task(self._gone())
        reading: asyncio.Task[bytes] | None = None
        try:
            headers = {
                "content-type": f"{self.media_type}; charset=utf-8",
                "content-disposition": self.disposition,
                "cache-control": "no-cache",
                **self.headers,
            }
            await send(
                {
                    "type": "http.response.start",
                    "status": 200,
                    "headers": [(name.encode(), value.encode("latin-1")) for name, value in headers.items()],
                }
            )
            chunk, rows = self.opening, self.first
            while self.body and rows and not gone.done():
                reading = asyncio.create_task(asyncio.to_thread(self.following))
                await send({"type": "http.response.body", "body": chunk + rows, "more_body": True})
                await asyncio.wait((reading, gone), return_when=asyncio.FIRST_COMPLETED)
                if reading.done():
                    chunk, rows = b"", reading.result()
            if not (self.body and rows):
                await send({"type": "http.response.body", "body": chunk + self.closing if self.body else b""})
        finally:
            gone.cancel()
            if reading is not None:
                await self._stopped(reading)
            self.close()

    async def _stopped(self, reading: asyncio.Task[bytes]) -> None:
        """Wait until nobody reads from the connection any more, which may be closed only then."""
        while not reading.done():
            self.stop()
            await asyncio.wait((reading,), timeout=_STOPPING_SECONDS)
        if not reading.cancelled():
            # That it was stopped, or failed for a reader who is gone, is nobody's concern.
            reading.exception()


def _choice(request: Request, name: str, choices: tuple[str, ...]) -> str:
    value = request.args.get(name) or choices[0]
    if value not in choices:
        raise BadRequest(f"{name} must be one of: {', '.join(choices)}")
    return str(value)


def _open(datasette: Datasette, db: Database) -> sqlite3.Connection:
    conn = open_readonly(Path(db.path), immutable=not db.is_mutable)
    conn.text_factory = str
    conn.execute(f"PRAGMA cache_size=-{datasette.setting('cache_size_kb')}")
    prepare(conn, MAX_STORED_BYTES)
    return conn


async def export(datasette: Datasette, request: Request) -> Response | _StreamResponse | _FileResponse:
    """Answer ``/-/export/<database>/<table or query>.csv``, ``.xlsx``, ``.json`` and ``.parquet``.

    Takes the arguments of the table page, and ``_header=zh|en|code`` (headings, in the page's language
    where it is not given) and ``_labels=on|off`` (a column of names beside each column of codes). ``_raw=on`` gives
    CSV for programs: without a byte order mark, cells as they are, codes as headings and no labels unless asked for.
    """
    raw = _choice(request, "_raw", ("off", "on")) == "on"
    spoken = ("en", "zh", "code") if is_english() else ("zh", "en", "code")
    header = _choice(request, "_header", ("code", "zh", "en") if raw else spoken)
    labels = _choice(request, "_labels", ("off", "on") if raw else ("on", "off")) == "on"
    statement = await _statement(datasette, request, labels=labels)
    if isinstance(statement, Response):
        return statement
    give_back = await turns(datasette).take()
    if give_back is None:
        return Response.text(f"{_CROWDED}\n", status=503, headers={"Retry-After": "30"})
    conn: sqlite3.Connection | None = None

    def close() -> None:
        give_back()
        if conn is not None:
            conn.close()

    try:
        db = datasette.get_database(route=tilde_decode(request.url_vars["database"]))
        conn = _open(datasette, db)
        kind = request.url_vars["format"]
        rows = _Rows(conn, statement)
        # JSON and Parquet are for programs.
        headings = _headings(statement, "code" if kind in ("json", "parquet") else header)
        following = (
            partial(rows.next_json, headings) if kind == "json" else partial(rows.next_csv, RAW if raw else GUARDED)
        )
        # What is wrong with the query shows before anything is sent.
        first = b"" if kind in _FILES else await asyncio.to_thread(following)
    except sqlite3.Error as error:
        close()
        raise BadRequest(Said(f"这个下载无法完成：{error}", f"this export cannot be made: {error}")) from error
    except BaseException:
        close()
        raise
    name = tilde_decode(request.url_vars["table"])
    shared = {"access-control-allow-origin": "*"} if datasette.cors else {}
    if kind in _FILES:
        make, media_type = _FILES[kind]
        try:
            file = await asyncio.to_thread(make, headings, rows)
        except FormatError as error:
            raise BadRequest(str(error)) from error
        except sqlite3.Error as error:
            raise BadRequest(Said(f"这个下载无法完成：{error}", f"this export cannot be made: {error}")) from error
        except ValueError as error:
            raise BadRequest(
                Said(
                    f"超过{MAX_WORKBOOK_ROWS:,}行，请缩小范围或下载 CSV",
                    f"too long for a workbook ({error}): narrow the selection or take the CSV",
                )
            ) from error
        finally:
            close()
        headers = {
            "content-type": media_type,
            "content-disposition": _attachment(name, kind),
            "cache-control": "no-cache",
        }
        return _FileResponse(file, headers | shared, body=request.method != "HEAD")
    as_json = kind == "json"
    return _StreamResponse(
        media_type="application/json" if as_json else "text/csv",
        opening=b"[" if as_json else (b"" if raw else BOM) + written([headings], "\r\n").encode(),
        first=first,
        following=following,
        closing=b"]\n" if as_json else b"",
        disposition=_attachment(name, kind),
        receive=request.receive,
        stop=rows.stop,
        close=close,
        body=request.method != "HEAD",
        headers=shared,
    )


_FILES = {"xlsx": (_workbook, XLSX), "parquet": (_parquet, FORMATS["parquet"].media_type)}


def _attachment(name: str, suffix: str) -> str:
    return f"attachment; filename*=UTF-8''{quote(dictionary().site['label'])}-{quote(name)}.{suffix}"
