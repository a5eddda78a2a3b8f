"""The archive's tables as files with a Frictionless data package beside them."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Callable, Collection, Iterable, Iterator
from pathlib import Path
from typing import Any, Literal

from archive import times
from archive.errors import DamagedArchiveError, of_system
from archive.packing import evidence_json
from archive.store import Archive, program_version
from publish.dictionary import Table, dictionary
from publish.file_formats import FORMATS, SPREADSHEET_CSV, Column, Format, FormatError, Kind, Row

_TYPES: dict[str, Kind] = {"TEXT": "string", "INTEGER": "integer", "NUMERIC": "number"}


Headings = Literal["code", "zh"]
Fractions = dict[str, frozenset[str]]
"""By table the columns of whole numbers in which something else is printed all the same; found by reading all of it."""


class ExportFailedError(Exception):
    """The export cannot be made; the message says why."""


def export(
    archive: Archive,
    folder: Path,
    where: str | None,
    progress: Callable[[str], None],
    *,
    format_: str = "csv",
    headings: Headings = "code",
    tables: Collection[str] = (),
    fractions: Fractions | None = None,
) -> int:
    """Write every public table in a format of :data:`~publish.file_formats.FORMATS` and ``datapackage.json``.

    Returns the number of rows. ``tables`` are those to write, all where it is empty. ``where`` is an
    SQL condition on the table ``reports``; of the other tables only the rows of these reports are
    written. ``headings`` 'zh' names columns in Chinese; CSV is then written for spreadsheets.
    ``fractions`` is filled, and saves other exports of the same archive the work. Each
    file appears whole or not at all. Raises ExportFailedError for an invalid condition, a folder that
    cannot be written, or what the format cannot hold.
    """
    fractions = {} if fractions is None else fractions
    written = SPREADSHEET_CSV if format_ == "csv" and headings == "zh" else FORMATS[format_]
    if where is not None:
        _require_condition(archive, where)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        resources, rows = [], 0
        for name, table in dictionary().tables.items():
            if name in written.leaves_out or (tables and name not in tables):
                continue
            resource, count = _write(archive, folder, name, table, where, written, headings, fractions)
            resources.append(resource)
            rows += count
            progress(name)
    except FormatError as error:
        raise ExportFailedError(str(error)) from error
    except OSError as error:
        raise ExportFailedError(str(of_system(f"cannot write {error.filename or folder}", error))) from error
    present = {resource["name"] for resource in resources}
    for resource in resources:
        links = [link for link in resource["schema"].pop("foreignKeys", ()) if link["reference"]["resource"] in present]
        if links:
            resource["schema"]["foreignKeys"] = links
    site = dictionary().site
    package = {
        "name": "nianbao",
        "title": site["title"],
        "description": site["en"],
        "created": times.now(),
        "version": program_version(),
        "licenses": [{"title": site["license"], "path": site["license_url"]}],
        "resources": resources,
    }
    text = json.dumps(package, ensure_ascii=False, indent=1) + "\n"
    (folder / "datapackage.json").write_text(text, "utf-8")
    return rows


def _write(
    archive: Archive,
    folder: Path,
    name: str,
    table: Table,
    where: str | None,
    written: Format,
    headings: Headings,
    fractions: Fractions,
) -> tuple[dict[str, Any], int]:
    kinds = {row[1]: (row[2], row[5]) for row in archive.db.conn.execute(f"PRAGMA table_info({name})")}
    columns = [column for column in table.columns if column in kinds]
    keys = sorted((column for column in columns if kinds[column][1]), key=lambda column: kinds[column][1])
    selection = f"SELECT {', '.join(columns)} FROM {name}{_condition(name, columns, where)}"
    if keys:
        selection += f" ORDER BY {', '.join(keys)}"
    if name not in fractions:
        fractions[name] = _with_fractions(archive, name, columns, kinds)
    real = fractions[name]
    shown = {column: table.columns[column].heading if headings == "zh" else column for column in columns}
    types: dict[str, Kind] = {
        column: "number" if column in real else _TYPES.get(kinds[column][0], "string") for column in columns
    }
    rows: Iterable[Row] = archive.db.conn.execute(selection)
    if name == "evidence":
        rows = _unpacked(rows, columns.index("cells"))
    path = folder / f"{name}.{written.suffix}"
    unfinished = path.with_name(f"{path.name}.part")
    try:
        count = written.write(unfinished, name, [Column(shown[column], types[column]) for column in columns], rows)
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise
    unfinished.replace(path)
    with path.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    fields = [
        {
            "name": shown[column],
            "type": types[column],
            "title": table.columns[column].label,
            "description": f"{table.columns[column].zh} / {table.columns[column].en}",
            **({"unit": unit} if (unit := table.columns[column].unit) else {}),
        }
        for column in columns
    ]
    schema: dict[str, Any] = {"fields": fields, "missingValues": [""]}
    if keys:
        schema["primaryKey"] = [shown[key] for key in keys]
    links = [
        {
            "fields": [shown[row[3]]],
            "reference": {"resource": row[2], "fields": [_shown(row[2], row[4], headings)]},
        }
        for row in archive.db.conn.execute(f"PRAGMA foreign_key_list({name})")
        if row[4]
    ]
    if links:
        schema["foreignKeys"] = links
    resource = {
        "name": name,
        "title": table.label,
        "description": f"{table.zh} / {table.en}",
        "path": path.name,
        "format": written.suffix,
        "mediatype": written.media_type,
        **({"encoding": written.encoding} if written.encoding else {}),
        "bytes": path.stat().st_size,
        "hash": f"sha256:{digest}",
        "schema": schema,
    }
    return resource, count


def _unpacked(rows: Iterable[Row], at: int) -> Iterator[Row]:
    """Evidence as it reads; it is kept packed."""
    for row in rows:
        try:
            yield (*row[:at], evidence_json(row[at]), *row[at + 1 :])
        except ValueError as error:
            raise DamagedArchiveError(f"the evidence of report {row[0]} is damaged ({error})") from error


def _shown(table: str, column: str, headings: Headings) -> str:
    return dictionary().heading(table, column) if headings == "zh" else column


def _with_fractions(
    archive: Archive, table: str, columns: list[str], kinds: dict[str, tuple[str, int]]
) -> frozenset[str]:
    """The columns of whole numbers in which something else is printed all the same."""
    whole = [column for column in columns if kinds[column][0] == "INTEGER"]
    if not whole:
        return frozenset()
    tests = ", ".join(f"max(typeof({column}) = 'real')" for column in whole)
    (found,) = archive.db.conn.execute(f"SELECT {tests} FROM {table}").fetchall()
    return frozenset(column for column, real in zip(whole, found, strict=True) if real)


def _require_condition(archive: Archive, where: str) -> None:
    try:
        # Alone and in brackets: a bracket too many must not reach over the selection it stands in.
        for condition in (where, f"({where}\n)"):
            archive.db.conn.execute(f"SELECT id FROM reports WHERE {condition}").fetchone()
    except (sqlite3.Error, sqlite3.Warning) as error:
        raise ExportFailedError(
            f'--where: {error}; give a condition on the table reports such as "year = 2024"'
        ) from error


def _condition(name: str, columns: list[str], where: str | None) -> str:
    if where is None:
        return ""
    reports = f"(SELECT id FROM reports WHERE {where}\n)"
    if name == "reports":
        return f" WHERE id IN {reports}"
    if name == "organs":
        return f" WHERE id IN (SELECT organ_id FROM reports WHERE {where}\n)"
    return f" WHERE report_id IN {reports}" if "report_id" in columns else ""
