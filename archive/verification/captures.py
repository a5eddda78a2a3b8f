"""The WARC files against the index of documents."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from archive.store import Archive
from archive.verification import warcs
from archive.verification.faults import Fault, Summary

_RESTORE = "restore the file from a copy, or run 'nianbao verify --repair' to have it fetched again"


@dataclass(slots=True)
class _Index:
    """What is found on disk: documents whose record is missing, and payloads that no document points to."""

    lost: dict[str, str] = field(default_factory=dict)
    spare: dict[str, tuple[str, warcs.Record]] = field(default_factory=dict)


def check(archive: Archive, summary: Summary, advance: Callable[[str], None], *, repair: bool) -> None:
    """Read every WARC file and compare it with ``documents``; with ``repair`` mend the index.

    A document whose record is gone is looked for in all other files; if it is nowhere, the
    address is asked for it again at the next crawl. Nothing is deleted.
    """
    index = _Index()
    if repair:
        # Where the whole folder is lost, what is fetched again has a place.
        archive.captures_dir.mkdir(exist_ok=True)
    names = {name for (name,) in archive.db.conn.execute("SELECT DISTINCT warc FROM documents")}
    present = {path.name: path for path in sorted(archive.captures_dir.glob("*.warc.gz"))}
    for name in sorted(names | set(present)):
        _check_file(archive, name, present.get(name), summary, index)
        advance(name)
    summary.documents = archive.db.conn.execute("SELECT count(*) FROM documents").fetchone()[0]
    for sha256, where in sorted(index.lost.items()):
        _report_lost(archive, summary, sha256, where, index.spare.get(sha256), repair=repair)
    unused = sum(1 for sha256 in index.spare if sha256 not in index.lost)
    if unused:
        summary.notes.append(
            f"{unused} recorded payloads are in no index: what was being fetched when a command was killed"
        )


def _check_file(archive: Archive, name: str, path: Path | None, summary: Summary, index: _Index) -> None:
    expected = {
        offset: (sha256, length)
        for sha256, offset, length in archive.db.conn.execute(
            "SELECT sha256, offset, length FROM documents WHERE warc = ?", (name,)
        )
    }
    where = str(archive.captures_dir / name)
    if path is None:
        index.lost |= {sha256: f"{where} is missing" for sha256, _length in expected.values()}
        summary.faults.append(
            Fault("captures", where, f"the file is missing, with {len(expected)} documents in it", _RESTORE)
        )
        return
    summary.warc_files += 1
    try:
        for part in warcs.read(path):
            if isinstance(part, warcs.Record):
                summary.records += 1
                _check_record(where, name, part, expected, summary, index)
            else:
                _tell_damage(where, part, expected, summary)
    except OSError as error:
        summary.faults.append(Fault("captures", where, f"cannot be read ({error.strerror})", "check rights and disk"))
        return
    index.lost |= {sha256: f"{where} at offset {offset}" for offset, (sha256, _length) in expected.items()}


def _check_record(
    where: str,
    name: str,
    record: warcs.Record,
    expected: dict[int, tuple[str, int]],
    summary: Summary,
    index: _Index,
) -> None:
    if record.sha256 is None:
        return
    at = f"{where} at offset {record.offset}"
    if record.stated and record.stated != record.sha256:
        summary.faults.append(Fault("captures", at, "the payload is not what the record says it is", _RESTORE))
    elif record.offset in expected:
        sha256, length = expected[record.offset]
        if (sha256, length) == (record.sha256, record.length):
            del expected[record.offset]
        else:
            index.spare[record.sha256] = (name, record)
    else:
        index.spare[record.sha256] = (name, record)


def _tell_damage(where: str, damage: warcs.Damage, expected: dict[int, tuple[str, int]], summary: Summary) -> None:
    within = sum(damage.offset <= offset < damage.offset + damage.length for offset in expected)
    at = f"{where} at offset {damage.offset}"
    if not within:
        # What a killed command was writing, or what has been found or fetched again since.
        what = "of an unfinished record" if damage.torn else "hold no whole record"
        summary.notes.append(f"{at}: {damage.length} bytes {what}, to which no document refers")
        return
    what = f"{damage.length} bytes hold no whole record; {within} documents are concerned"
    summary.faults.append(Fault("captures", at, what, _RESTORE))


def _report_lost(
    archive: Archive,
    summary: Summary,
    sha256: str,
    where: str,
    spare: tuple[str, warcs.Record] | None,
    *,
    repair: bool,
) -> None:
    execute = archive.db.conn.execute
    what = f"the document is not in its record ({where})"
    if spare is not None:
        name, record = spare
        if repair:
            execute(
                "UPDATE documents SET warc = ?, offset = ?, length = ? WHERE sha256 = ?",
                (name, record.offset, record.length, sha256),
            )
            execute("DELETE FROM _lost_documents WHERE sha256 = ?", (sha256,))
        remedy = f"another record holds it ({name} at offset {record.offset}): 'nianbao verify --repair' points there"
        summary.faults.append(Fault("documents", sha256, what, remedy, mended=repair))
        return
    if repair:
        execute("INSERT OR IGNORE INTO _lost_documents VALUES (?)", (sha256,))
        remedy = "restore the captures folder from a copy; else the next crawl asks its address for it again"
    else:
        remedy = _RESTORE
    summary.faults.append(Fault("documents", sha256, what, remedy))
