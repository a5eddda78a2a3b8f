"""What reading everything again would change, worked out on a copy of the database."""

from __future__ import annotations

import csv
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from archive import backup
from archive.errors import ArchiveError
from archive.schema import APPLICANT_COLUMNS, OUTCOME_COLUMNS
from archive.store import Archive
from nianbao import console

Difference = tuple[str, str, str | None, str | None]
"""Report, field, what stands there now, what would stand there."""

_LISTED = 40
_REPORT_FIELDS = ("organ_id", "year", "edition", "scope", "title", "published_on", "status")
_WIDE = {"requests": ("item", APPLICANT_COLUMNS), "reviews": ("proceeding", OUTCOME_COLUMNS)}


def copy_of(path: Path) -> Path:
    """Copy the archive's database beside it, where the captures are found too, and return the copy's path."""
    target = path.with_name(f"{path.name}.preview")
    backup.discard(target)
    with Archive.open(path, create=False) as archive:
        backup.copy(archive.db.conn, target)
    return target


def differences(present: Path, preview: Path) -> Iterator[Difference]:
    """Yield every report, field and figure in which the two databases differ, in order of report and table."""
    with closing(sqlite3.connect(f"{preview.resolve().as_uri()}?mode=ro", uri=True)) as db:
        db.execute("ATTACH ? AS present", (f"{present.resolve().as_uri()}?mode=ro",))
        yield from _reports(db)
        for table, (key, columns) in _WIDE.items():
            for column in columns:
                yield from _cells(db, table, f"{key} || '.{column}'", (key,), column)
        yield from _cells(db, "disclosures", "item || '.' || measure", ("item", "measure"), "value")
        yield from _cells(db, "sections", "number", ("number",), "text")
        yield from _cells(db, "indicators", "position", ("position",), "value")


def tell(present: Path, preview: Path, listing: Path | None) -> int:
    """Print what would change, at full length to the CSV file ``listing`` if given; return how many differences.

    Raises ArchiveError if the file cannot be written.
    """
    found = list(differences(present, preview))
    if listing is not None:
        try:
            with listing.open("w", encoding="utf-8-sig", newline="") as file:
                writer = csv.writer(file)
                writer.writerow(("report_id", "field", "now", "then"))
                writer.writerows(found)
        except OSError as error:
            raise ArchiveError(f"cannot write {listing}: {error.strerror}") from error
    kinds = Counter(_kind(difference) for difference in found)
    console.table("What would change", ("what", "differences"), kinds.most_common())
    if found:
        rows = [(report, field, _short(now), _short(then)) for report, field, now, then in found[:_LISTED]]
        console.table("The first of them", ("report", "field", "now", "then"), rows)
    return len(found)


def _kind(difference: Difference) -> str:
    _report, field, now, then = difference
    table = field.partition(".")[0]
    change = "appears" if now is None else "disappears" if then is None else "differs"
    return f"{table}: {change}"


def _short(text: str | None) -> str:
    shown = "" if text is None else text
    return shown if len(shown) <= 40 else f"{shown[:40]}…"


def _reports(db: sqlite3.Connection) -> Iterator[Difference]:
    for report_id in _column(db, "SELECT id FROM present.reports EXCEPT SELECT id FROM main.reports ORDER BY 1"):
        yield report_id, "report", report_id, None
    for report_id in _column(db, "SELECT id FROM main.reports EXCEPT SELECT id FROM present.reports ORDER BY 1"):
        yield report_id, "report", None, report_id
    for field in _REPORT_FIELDS:
        yield from (
            (report_id, f"report.{field}", _text(now), _text(then))
            for report_id, now, then in db.execute(
                f"SELECT id, p.{field}, m.{field} FROM main.reports m JOIN present.reports p USING (id) "
                f"WHERE p.{field} IS NOT m.{field} ORDER BY id"
            )
        )


def _cells(db: sqlite3.Connection, table: str, name: str, keys: tuple[str, ...], column: str) -> Iterator[Difference]:
    using = ", ".join(("report_id", *keys))
    query = (
        f"SELECT report_id, {name}, p.{column}, m.{column} FROM present.{table} p "
        f"LEFT JOIN main.{table} m USING ({using}) WHERE p.{column} IS NOT m.{column} "
        f"UNION ALL SELECT report_id, {name}, NULL, m.{column} FROM main.{table} m "
        f"LEFT JOIN present.{table} p USING ({using}) WHERE p.report_id IS NULL AND m.{column} IS NOT NULL "
        "ORDER BY 1, 2"
    )
    for report_id, field, now, then in db.execute(query):
        yield report_id, f"{table}.{field}", _text(now), _text(then)


def _column(db: sqlite3.Connection, query: str) -> list[str]:
    return [row[0] for row in db.execute(query).fetchall()]


def _text(value: object) -> str | None:
    return None if value is None else str(value)
