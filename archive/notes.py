"""What editors say of findings: a CSV file of their own beside the archive, read into ``finding_notes``.

The file is the editors': it is read, never written. A line that cannot be used is named and costs
no other line; what was read before from such a line, or from a file that is gone, stays.
"""

from __future__ import annotations

import csv
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from importlib import resources
from pathlib import Path

from archive.store import Archive

MOST_BYTES = 64 * 1024 * 1024
"""Larger files are no editors' notes."""

_ID = re.compile(r"[0-9a-f]{16}")
_DATE = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?")
_DELIMITERS = ",\t;"
_STARTS_ROW = re.compile(r"\"?[0-9a-fA-F]{16}\"?\s*[,;\t]")
_LONGEST_ROW = 200


@dataclass(frozen=True, slots=True)
class Note:
    """An editor's word on a finding; ``noted_on`` is an ISO date."""

    finding_id: str
    state: str
    note: str
    noted_on: str | None


@dataclass(slots=True)
class Read:
    """What a file gave: notes by finding, errors (line and remedy), the findings that lines in error name."""

    notes: dict[str, Note] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)
    spoilt: set[str] = field(default_factory=set)
    usable: bool = True


@dataclass(slots=True)
class Summary:
    """What is known now: how many notes, how many whose finding no longer exists, and the errors."""

    path: Path
    notes: int = 0
    without_finding: int = 0
    errors: list[str] = field(default_factory=list)


def path_for(archive_path: Path) -> Path:
    """The editors' file of an archive: ``archive-notes.csv`` beside ``archive.db``."""
    return archive_path.with_name(f"{archive_path.stem}-notes.csv")


def load(archive: Archive) -> Summary:
    """Bring ``finding_notes`` up to the editors' file; without a file what is known stays."""
    path = path_for(archive.path)
    execute = archive.db.conn.execute
    known = {row[0]: Note(*row) for row in execute("SELECT finding_id, state, note, noted_on FROM finding_notes")}
    summary = Summary(path)
    if path.exists():
        read = read_file(path)
        summary.errors = read.errors
        kept = known if not read.usable else {one: note for one, note in known.items() if one in read.spoilt}
        notes = kept | read.notes
        if notes != known:
            with archive.db.atomic():
                execute("DELETE FROM finding_notes")
                archive.db.conn.executemany(
                    "INSERT INTO finding_notes (finding_id, state, note, noted_on) VALUES (?, ?, ?, ?)",
                    [(one.finding_id, one.state, one.note, one.noted_on) for _, one in sorted(notes.items())],
                )
    summary.notes, summary.without_finding = execute(
        "SELECT count(*), count(*) - count(f.id) FROM finding_notes n LEFT JOIN findings f ON f.id = n.finding_id"
    ).fetchone()
    return summary


def read_file(path: Path) -> Read:
    """Read an editors' file: UTF-8, UTF-16 or GBK, as spreadsheets save them."""
    try:
        if path.stat().st_size > MOST_BYTES:
            return Read(errors=[f"{path}: more than {MOST_BYTES // 2**20} MB; is it the editors' file?"], usable=False)
        payload = path.read_bytes()
    except OSError as error:
        return Read(errors=[f"{path}: cannot be read ({error.strerror}); make it readable"], usable=False)
    text = _decoded(payload)
    if text is None:
        return Read(errors=[f"{path}: neither UTF-8 nor GBK; save it as CSV UTF-8"], usable=False)
    return _read(path, text)


def _decoded(payload: bytes) -> str | None:
    encodings = ("utf-16",) if payload.startswith((b"\xff\xfe", b"\xfe\xff")) else ("utf-8-sig", "gb18030")
    for encoding in encodings:
        try:
            return payload.decode(encoding)
        except UnicodeDecodeError:
            continue
    return None


def _read(path: Path, text: str) -> Read:
    found = Read()
    rows = _rows(text)
    _, head, fault = next(rows, (1, None, ""))
    if head is None:
        return Read(errors=[f"{path}: line 1: {fault}"], usable=False) if fault else found
    columns = _columns(head)
    if "finding_id" not in columns or "state" not in columns:
        names = "finding_id,state,note,date"
        return Read(errors=[f"{path}: line 1 does not name the columns; begin the file with: {names}"], usable=False)
    lines: dict[str, int] = {}
    for line, row, fault in rows:
        cells = {name: row[at].strip() if row and at < len(row) else "" for name, at in columns.items()}
        note = None
        if not fault:
            note, fault = _note(cells)
        if note is None:
            found.errors.append(f"{path}: line {line}: {fault}")
            found.spoilt.add(cells["finding_id"].lower())
            continue
        if note.finding_id in lines:
            found.errors.append(
                f"{path}: line {line}: {note.finding_id} stands in line {lines[note.finding_id]} already; "
                "the later line holds, remove one"
            )
        lines[note.finding_id] = line
        found.notes[note.finding_id] = note
    return found


def _rows(text: str) -> Iterator[tuple[int, list[str] | None, str]]:
    """Yield (number of its first line, cells, what is wrong with it) of each row that is not empty."""
    lines = text.splitlines(keepends=True)
    if not lines:
        return
    delimiter = max(_DELIMITERS, key=lines[0].count)
    position = 0
    while position < len(lines):
        reader = csv.reader(_from(lines, position), delimiter=delimiter)
        row: list[str] | None = None
        fault = ""
        try:
            row = next(reader, [])
            size = max(reader.line_num, 1)
        except csv.Error as error:
            fault, size = f"{error}; write the line anew", 1
        if any(_STARTS_ROW.match(line) for line in lines[position + 1 : position + size]):
            # A quote that is never closed would take the lines after it along.
            fault, size = "a quote is not closed; double the quotes inside of the note", 1
            row = lines[position].split(delimiter)
        if fault or (row and any(cell.strip() for cell in row)):
            yield position + 1, row, fault
        position += size


def _from(lines: Sequence[str], position: int) -> Iterator[str]:
    for number in range(position, min(position + _LONGEST_ROW, len(lines))):
        yield lines[number]


def _columns(head: Sequence[str]) -> dict[str, int]:
    known = _words()["columns"]
    return {
        name: index
        for index, cell in reversed(list(enumerate(head)))
        for name, words in known.items()
        if cell.strip().lower() in words
    }


def _note(cells: Mapping[str, str]) -> tuple[Note | None, str]:
    identity = cells["finding_id"].lower()
    if not _ID.fullmatch(identity):
        return None, f"{cells['finding_id']!r} is no finding's id: copy the 16 characters from the finding's page"
    states = _words()["states"]
    state = next((name for name, words in states.items() if cells["state"].lower() in words), None)
    if state is None:
        return None, f"{cells['state']!r} is no state: write {', '.join(states)}"
    noted_on = None
    if cells.get("noted_on"):
        match = _DATE.match(cells["noted_on"])
        try:
            noted_on = date(*map(int, match.groups())).isoformat() if match else None
        except ValueError:
            noted_on = None
        if noted_on is None:
            return None, f"{cells['noted_on']!r} is no date: write it like 2026-01-31"
    return Note(identity, state, cells.get("note", ""), noted_on), ""


@cache
def _words() -> dict[str, dict[str, list[str]]]:
    return tomllib.loads(resources.files("archive").joinpath("notes.toml").read_text("utf-8"))
