"""What became of an archive after a fault: whether anything is lost, and whether every stop explains itself."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from archive.errors import ArchiveError
from archive.store import Archive
from archive.verification import verify
from benchmarks.fault_rig.workloads import Content, Done, Undisturbed, content, query
from publish.publication import Publication, current
from tests.e2e import program

_REMEDY = re.compile(
    r"free space|check rights|make it readable|restore|run .nianbao|run the same command|run it again|wait for it"
    r"|as the user|set the clock|bring .* back|mount|verify"
)
_NOT_READ = "not read: "
_TOLD = 2000
_FILE = re.compile(r"archive|captures|site|files|\.warc\.gz|\.toml|folder|/tmp")


@dataclass(slots=True)
class Case:
    """One fault put on one command.

    ``completed`` says that the next run came to its end as usual; ``explained`` counts the commands
    that stopped with a message naming file and remedy. ``losses`` and ``unexplained`` are in words, and
    empty where all is as it must be.
    """

    fault: str
    command: str
    seed: str
    completed: bool = False
    explained: int = 0
    losses: list[str] = field(default_factory=list)
    unexplained: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)

    def take(self, what: str, done: Done, statuses: tuple[int, ...] = (0,)) -> bool:
        """Note how a command ended; whether it did with one of ``statuses``.

        Whatever else it did must be a stop that one line explains.
        """
        if "Traceback" in done.errors:
            self.unexplained.append(f"{what}: traceback: {done.errors[done.errors.rindex('Traceback') :][-1500:]}")
            return False
        if done.status in statuses:
            return True
        if line := explanation(done):
            self.explained += 1
            self.said.append(f"{what}: {line}")
        else:
            self.unexplained.append(f"{what}: exit status {done.status}: {done.errors.strip()[-_TOLD:]!r}")
        return False


def explanation(done: Done) -> str:
    """The line naming file and remedy with which a command stopped, or left documents out; empty where none does."""
    told = [line for line in done.errors.splitlines() if line.startswith(_NOT_READ)]
    if "Error: " in done.errors:
        told.insert(0, " ".join(done.errors.split("Error: ")[-1].split()))
    sound = (line for line in told if _REMEDY.search(line) and _FILE.search(line))
    return next(sound, "") if done.status == 1 else ""


def judge(case: Case, folder: Path, before: Content, expected: Undisturbed | None) -> None:
    """Compare the archive in ``folder``, after all is over, with what was there before and what is expected."""
    try:
        with Archive.open(folder / "archive.db", create=False) as archive, archive.write_lock():
            case.losses += [f"verify: {fault}" for fault in verify(archive).left]
        now = content(folder)
        case.losses += kept(folder, before, now)
        if expected is not None:
            case.losses += as_expected(expected.content, now)
        case.losses += _readable(folder)
        case.losses += _sound_site(folder)
    except Exception as error:
        case.losses.append(f"cannot be judged: {type(error).__name__}: {error}")


def kept(folder: Path, before: Content, now: Content) -> Iterator[str]:
    """What of ``before`` is no longer there."""
    if (notes := folder / "archive-notes.csv").read_bytes() != before.notes_file:
        yield f"{notes.name} was altered"
    if missing := Counter(before.notes) - Counter(now.notes):
        yield f"{missing.total()} editors' notes are gone"
    for what, old, new in (
        ("captures", before.captures, now.captures),
        ("versions", before.versions, now.versions),
        ("changes", before.changes, now.changes),
    ):
        if missing := Counter(old) - Counter(new):
            yield f"{missing.total()} {what} are gone, such as {next(iter(missing))}"
    if missing_reports := {row[0] for row in before.dump["reports"]} - {row[0] for row in now.dump["reports"]}:
        yield f"{len(missing_reports)} reports are gone, such as {min(missing_reports)}"


def as_expected(expected: Content, now: Content) -> Iterator[str]:
    """In what the archive differs from that of an undisturbed run, moments aside."""
    for table, rows in program.differences(expected.dump, now.dump).items():
        yield f"{table} differs: {str(rows[:2])[:300]}"
    if expected.coverage != now.coverage:
        yield "coverage differs"
    if (expected.site is None) != (now.site is None):
        yield "what is published differs"
    if expected.site is not None and now.site is not None:
        for table, rows in program.differences(expected.site, now.site).items():
            yield f"published {table} differs: {str(rows[:2])[:300]}"


def _readable(folder: Path) -> Iterator[str]:
    with Archive.read_only(folder / "archive.db") as archive:
        for (sha256,) in query(folder / "archive.db", "SELECT sha256 FROM documents"):
            try:
                archive.payload(sha256)
            except ArchiveError as error:
                yield f"unreadable: {sha256}: {error}"


def _sound_site(folder: Path) -> Iterator[str]:
    site = folder / "site"
    if not site.exists():
        return
    database = current(site)
    manifest = Publication.load(database)
    if hashlib.sha256(database.read_bytes()).hexdigest() != manifest.sha256:
        yield "the published copy is not what its manifest says"
    if loose := [path.name for path in site.glob("archive-*.db*") if not path.with_suffix(".json").exists()]:
        yield f"unfinished copies stay: {loose}"
