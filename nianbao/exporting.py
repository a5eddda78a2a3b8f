"""The archive's tables as files with a Frictionless data package beside them."""

from __future__ import annotations

import csv
import hashlib
import json
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

from archive import times
from archive.store import Archive, program_version
from publish.dictionary import Table, dictionary

_TYPES = {"TEXT": "string", "INTEGER": "integer", "NUMERIC": "number"}


class ExportFailedError(Exception):
    """The export cannot be made; the message says why."""


def export_csv(archive: Archive, folder: Path, where: str | None, progress: Callable[[str], None]) -> int:
    """Write every public table as UTF-8 CSV and ``datapackage.json``; return the number of rows.

    ``where`` is an SQL condition on the table ``reports``; of the other tables only the rows
    of these reports are written. Each file appears whole or not at all. Raises ExportFailedError
    for an invalid condition or a folder that cannot be written.
    """
    if where is not None:
        _require_condition(archive, where)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        resources, rows = [], 0
        for name, table in dictionary().tables.items():
            resource, count = _write(archive, folder, name, table, where)
            resources.append(resource)
            rows += count
            progress(name)
    except OSError as error:
        raise ExportFailedError(f"{folder}: {error.strerror}") from error
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


def _write(archive: Archive, folder: Path, name: str, table: Table, where: str | None) -> tuple[dict[str, Any], int]:
    kinds = {row[1]: (row[2], row[5]) for row in archive.db.conn.execute(f"PRAGMA table_info({name})")}
    columns = [column for column in table.columns if column in kinds]
    keys = sorted((column for column in columns if kinds[column][1]), key=lambda column: kinds[column][1])
    selection = f"SELECT {', '.join(columns)} FROM {name}{_condition(name, columns, where)}"
    if keys:
        selection += f" ORDER BY {', '.join(keys)}"
    path, unfinished = folder / f"{name}.csv", folder / f"{name}.csv.part"
    count = 0
    with unfinished.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(columns)
        for row in archive.db.conn.execute(selection):
            writer.writerow(row)
            count += 1
    unfinished.replace(path)
    with path.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    fields = [
        {
            "name": column,
            "type": _TYPES.get(kinds[column][0], "string"),
            "title": table.columns[column].label,
            "description": f"{table.columns[column].zh} / {table.columns[column].en}",
            **({"unit": unit} if (unit := table.columns[column].unit) else {}),
        }
        for column in columns
    ]
    schema: dict[str, Any] = {"fields": fields, "missingValues": [""]}
    if keys:
        schema["primaryKey"] = keys
    links = [
        {"fields": [row[3]], "reference": {"resource": row[2], "fields": [row[4]]}}
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
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "bytes": path.stat().st_size,
        "hash": f"sha256:{digest}",
        "schema": schema,
    }
    return resource, count


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
